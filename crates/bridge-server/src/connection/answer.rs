use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use axum::body::{Body, Bytes};
use axum::response::Response;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::pulse::Exchange;
use crate::places::Place;

/// How much of an answer is handed over at once. What is handed over waits in buffers, and counts as taken.
const PIECE: usize = 32 * 1024;

/// An answer that keeps its exchange and its place until it was taken.
struct Kept {
    body: Body,
    rest: Bytes,
    _exchange: Option<Exchange>,
    _place: Option<Place>,
}

/// Keeps what belongs to an answer for as long as the answer takes.
pub(crate) fn keep(response: Response, exchange: Option<Exchange>, place: Option<Place>) -> Response {
    if let Some(exchange) = &exchange {
        let bytes = response.body().size_hint().exact().unwrap_or_default();
        exchange.answers(bytes, Instant::now());
    }
    response.map(|body| Body::new(Kept { body, rest: Bytes::new(), _exchange: exchange, _place: place }))
}

impl HttpBody for Kept {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                other => return other,
            }
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (inner, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(inner.lower().saturating_add(rest));
        if let Some(upper) = inner.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_large_answer_comes_in_pieces_whole_and_with_its_length() {
        let content: Vec<u8> = (0..100_000_u32).map(|number| number as u8).collect();
        let kept = keep(Response::new(Body::from(content.clone())), None, None).into_body();
        assert_eq!(kept.size_hint().exact(), Some(100_000));
        let mut kept = Box::pin(kept);
        let mut pieces: Vec<Bytes> = vec![];
        while let Some(frame) = std::future::poll_fn(|cx| kept.as_mut().poll_frame(cx)).await {
            pieces.push(frame.unwrap().into_data().unwrap());
            let left = 100_000 - pieces.iter().map(Bytes::len).sum::<usize>();
            assert_eq!(kept.size_hint().exact(), Some(left as u64));
        }
        assert!(kept.is_end_stream() && pieces.iter().all(|piece| piece.len() <= PIECE));
        assert_eq!(pieces.concat(), content);
        assert!(keep(Response::new(Body::empty()), None, None).body().is_end_stream());
    }
}
