use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};

use super::IFRAME_PAGE;
use super::headers::{content_type, headers};
use super::marker::with_server_marker;

/// One file of the site with its headers.
#[derive(Debug)]
pub struct File {
    /// All headers except `Strict-Transport-Security`, which depends on the connection.
    pub headers: HeaderMap,
    /// The uncompressed content.
    pub content: Bytes,
    /// The content after Brotli, if that is smaller.
    pub compressed: Option<Bytes>,
}

/// Prepares a file for serving.
pub(super) fn served(name: &str, content: Vec<u8>, ancestors: &[String], needs_wasm: bool, has_store: bool) -> File {
    let mut sent = headers(name, &content, ancestors, needs_wasm);
    let content = if name == IFRAME_PAGE && has_store {
        with_server_marker(&String::from_utf8_lossy(&content)).into_bytes()
    } else {
        content
    };
    // A weak validator, because it covers the compressed content, too.
    let etag = format!("W/\"{}\"", BASE64URL_NOPAD.encode(&Sha256::digest(&content)));
    sent.extend([("ETag", etag), ("Content-Type", content_type(name).to_owned())]);
    let mut headers = HeaderMap::new();
    for (name, value) in sent {
        // Always valid: hashes, and origins out of their parser.
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
            headers.insert(name, value);
        }
    }
    let compressed = compressed(&content).filter(|compressed| compressed.len() < content.len());
    // All answers share the content.
    File { headers, content: content.into(), compressed: compressed.map(Bytes::from) }
}

fn compressed(content: &[u8]) -> Option<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams { quality: 9, ..Default::default() };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut compressed, &params).ok()?;
    Some(compressed)
}
