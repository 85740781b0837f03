//! A body that has to have so many bytes.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Passes a body on, and fails where it is longer or shorter than was said.
pub(super) struct Measured<B> {
    inner: B,
    left: u64,
    outcome: Outcome,
}

/// Whether the body turned out to be of another size, or broke off.
#[derive(Debug, Clone, Default)]
pub(super) struct Outcome(Arc<AtomicBool>);

impl Outcome {
    pub(super) fn is_off(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The body is not of its size.
#[derive(Debug, thiserror::Error)]
#[error("the body is not of the size that was named")]
pub(super) struct Off;

impl<B> Measured<B> {
    pub(super) fn new(inner: B, size: u64) -> (Self, Outcome) {
        let outcome = Outcome::default();
        (Measured { inner, left: size, outcome: outcome.clone() }, outcome)
    }

    fn off(&self) -> Poll<Option<Result<Frame<Bytes>, Off>>> {
        self.outcome.0.store(true, Ordering::Relaxed);
        Poll::Ready(Some(Err(Off)))
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Measured<B> {
    type Data = Bytes;
    type Error = Off;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Off>>> {
        loop {
            return match Pin::new(&mut self.inner).poll_frame(context) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(None) if self.left == 0 => Poll::Ready(None),
                Poll::Ready(None | Some(Err(_))) => self.off(),
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) => match self.left.checked_sub(data.len() as u64) {
                        Some(left) => {
                            self.left = left;
                            Poll::Ready(Some(Ok(Frame::data(data))))
                        }
                        None => self.off(),
                    },
                    // Trailers are not of the file.
                    Err(_) => continue,
                },
            };
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use http_body_util::{BodyExt, StreamBody};

    use super::*;

    #[tokio::test]
    async fn a_body_has_its_size_or_fails() {
        for (chunks, size, is_good) in [
            (vec![Ok("abc"), Ok("de")], 5, true),
            (vec![], 0, true),
            (vec![Ok("abc")], 5, false),
            (vec![Ok("abc"), Ok("def")], 5, false),
            (vec![Ok("abc"), Err("broken off")], 5, false),
        ] {
            let frames =
                chunks.clone().into_iter().map(|chunk| chunk.map(|text| Frame::data(Bytes::from(text))));
            let (body, outcome) = Measured::new(StreamBody::new(stream::iter(frames)), size);
            assert_eq!(body.collect().await.is_ok(), is_good, "{chunks:?} of {size}");
            assert_eq!(outcome.is_off(), !is_good, "{chunks:?} of {size}");
        }
    }
}
