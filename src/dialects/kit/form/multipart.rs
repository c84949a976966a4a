//! Reads `multipart/form-data`, which PHP's curl sends whenever it is given an array (OE-1).

use super::charset::Charset;
use super::collector::Collector;
use super::{FormError, UploadedFile};
use futures_util::FutureExt;
use futures_util::stream;
use multer::{Field, Multipart};
use std::convert::Infallible;

/// Parts with a file name are files, all others variables. A part without a name is dropped, as is a file input left empty.
pub(super) fn read(body: &[u8], content_type: &str, into: &mut Collector<'_>) -> Result<(), FormError> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| FormError::BadMultipart)?;
    let whole = stream::once(std::future::ready(Ok::<_, Infallible>(body.to_vec())));
    // The stream is all there, so the parser never waits; if it did, the body would lack something.
    read_parts(Multipart::new(whole, boundary), into).now_or_never().unwrap_or(Err(FormError::BadMultipart))
}

async fn read_parts(mut parts: Multipart<'_>, into: &mut Collector<'_>) -> Result<(), FormError> {
    while let Some(part) = parts.next_field().await.map_err(|_| FormError::BadMultipart)? {
        into.count()?;
        read_part(part, into).await?;
    }
    Ok(())
}

async fn read_part(part: Field<'_>, into: &mut Collector<'_>) -> Result<(), FormError> {
    let charset = declared_charset(&part);
    let file_name = file_name(&part);
    let name = part.name().map(|name| charset.decode(name.as_bytes()));
    let bytes = part.bytes().await.map_err(|_| FormError::BadMultipart)?;
    match (name, file_name) {
        (Some(name), None) => into.assign(&name, charset.decode(&bytes)),
        (Some(name), Some(file_name)) if !file_name.is_empty() => {
            into.add_file(UploadedFile { name, file_name, bytes: bytes.into() });
        }
        _ => {}
    }
    Ok(())
}

fn declared_charset(part: &Field<'_>) -> Charset {
    let content_type = part.headers().get("content-type").and_then(|value| value.to_str().ok());
    Charset::of_content_type(content_type.unwrap_or_default())
}

/// The file name without folders (old browsers sent whole paths), `None` for a part that is no file.
fn file_name(part: &Field<'_>) -> Option<String> {
    let sent = part.file_name().map(str::to_owned).or_else(|| undecoded_file_name(part))?;
    let sent = sent.replace('\0', "\u{fffd}");
    sent.rsplit(['/', '\\']).next().map(str::to_owned)
}

/// multer sees no file name where it is not UTF-8, and the file would be taken for a variable.
fn undecoded_file_name(part: &Field<'_>) -> Option<String> {
    let disposition = Charset::Undeclared.decode(part.headers().get("content-disposition")?.as_bytes());
    let (_, after) = disposition.split_once("filename=")?;
    let quoted = after.strip_prefix('"').and_then(|after| after.split_once('"'));
    Some(quoted.map_or_else(|| after.trim(), |(name, _)| name).to_owned())
}
