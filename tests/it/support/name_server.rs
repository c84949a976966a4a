//! A name server on loopback that knows the records of a test and no others.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::{MX, PTR, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record};

/// Names, without their last dots, each with one record.
pub type Zone = Vec<(String, RData)>;

/// A running name server; it ends when it is dropped.
pub struct NameServer {
    pub address: SocketAddr,
    is_over: Arc<AtomicBool>,
}

impl NameServer {
    pub fn start(zone: Zone) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let (address, is_over) = (socket.local_addr().unwrap(), Arc::new(AtomicBool::new(false)));
        let ends = Arc::clone(&is_over);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while !ends.load(Ordering::SeqCst) {
                let Ok((n, from)) = socket.recv_from(&mut bytes) else { continue };
                let answer = answer(&Message::from_vec(&bytes[..n]).unwrap(), &zone);
                socket.send_to(&answer.to_vec().unwrap(), from).unwrap();
            }
        });
        Self { address, is_over }
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

fn answer(query: &Message, zone: &Zone) -> Message {
    let asked = query.queries[0].clone();
    let name = asked.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    let mut message = Message::response(query.metadata.id, query.metadata.op_code);
    if !zone.iter().any(|(other, _)| *other == name || other.ends_with(&format!(".{name}"))) {
        message.metadata.response_code = ResponseCode::NXDomain;
    }
    for (_, data) in zone.iter().filter(|(other, data)| *other == name && data.record_type() == asked.query_type()) {
        message.add_answer(Record::from_rdata(asked.name().clone(), 60, data.clone()));
    }
    message.add_query(asked);
    message
}

pub fn mx(host: &str) -> RData {
    RData::MX(MX::new(10, Name::from_ascii(format!("{host}.")).unwrap()))
}

pub fn a(ip: [u8; 4]) -> RData {
    RData::A(Ipv4Addr::from(ip).into())
}

pub fn ptr(host: &str) -> RData {
    RData::PTR(PTR(Name::from_ascii(format!("{host}.")).unwrap()))
}

/// One record of several texts.
pub fn txt<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> RData {
    RData::TXT(TXT::new(texts.into_iter().map(Into::into).collect()))
}
