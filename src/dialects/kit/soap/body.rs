//! Reading the body of a request, with clocks of our own: the web server has none for a body that comes slowly (SO-4.3).

use actix_web::web;
use futures_util::StreamExt;
use tokio::time::{Instant, timeout_at};

use super::fault::Fault;
use super::limits::Limits;

/// How many times the limit is read and thrown away, so that a client that writes before it reads sees the fault.
const DRAINED: usize = 4;

/// Reads a body to its end.
///
/// # Errors
/// Too much (413), too slow, or broken off.
pub async fn read(payload: &mut web::Payload, limits: &Limits) -> Result<web::BytesMut, Fault> {
    let begun = Instant::now();
    let mut body = web::BytesMut::new();
    let mut n_read = 0_usize;
    loop {
        let at_rate = limits.body_grace.as_secs_f64() + n_read as f64 / limits.body_rate.max(1) as f64;
        let patience = limits.body_time.min(std::time::Duration::from_secs_f64(at_rate));
        let piece = match timeout_at(begun + patience, payload.next()).await {
            Err(_) => return Err(Fault::limit("the request's body came too slowly").closing()),
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(Fault::client("the request's body broke off").closing()),
            Ok(Some(Ok(piece))) => piece,
        };
        n_read += piece.len();
        if n_read <= limits.body_bytes {
            body.extend_from_slice(&piece);
        } else if n_read > limits.body_bytes.saturating_mul(DRAINED) {
            return Err(too_large(limits).closing());
        } else {
            body.clear();
        }
    }
    match n_read > limits.body_bytes {
        true => Err(too_large(limits)),
        false => Ok(body),
    }
}

fn too_large(limits: &Limits) -> Fault {
    Fault::limit(format!("the request's body is larger than {} bytes", limits.body_bytes)).with_status(413)
}
