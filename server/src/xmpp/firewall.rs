//! The stanza firewall: between a transport and the parser of its XML, so that no stanza can do harm behind it.
//!
//! Two things that anybody may send to a person would end more than their message: elements nested by the thousand make
//! the parser's tree overflow the stack, which ends the process; and a long attribute makes the parser give up the
//! stream, whereupon the server sends the same stanza again on the next one, for ever. So each stanza is held until it is
//! whole, measured as it comes, and passed on byte for byte; one that is over a limit goes no further. Something has to
//! come in its place, since both sides count stanzas (XEP-0198): a stand-in of the same kind, with a mark of ours in it.
//! The mark bears a seal that nobody outside knows.
//!
//! It knows bytes and limits. It must never know what a stanza says.

mod check;
mod filter;
mod head;
mod limits;
mod scan;
#[cfg(test)]
mod tests;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use minidom::Element;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, ReadBuf};

pub use self::filter::{Breach, Filter};
pub use self::limits::{Counters, Limits, Offence};
use super::namespaces as ns;

/// The name of the element that marks a stand-in.
const MARK: &str = "replaced";

/// Bytes taken from the transport at a time. They are on the stack: an idle connection has no buffer here.
const READ_BYTES: usize = 4096;

/// What all firewalls of a connector share.
#[derive(Debug)]
pub struct Rules {
    limits: Limits,
    seal: String,
    counters: Counters,
}

impl Rules {
    /// Rules with a seal of their own.
    pub fn new(limits: Limits) -> Self {
        Rules { limits, seal: format!("{:032x}", rand::random::<u128>()), counters: Counters::default() }
    }

    /// How often they were broken.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    fn seal(&self) -> &str {
        &self.seal
    }

    /// What was wrong with the stanza in whose place this one is, if it is in the place of one. Reading it counts it.
    pub(super) fn verdict(&self, stanza: &Element) -> Option<Offence> {
        let mark = stanza.get_child(MARK, ns::FIREWALL)?;
        // Anybody can write such an element, and nobody else can seal it.
        if mark.attr("seal") != Some(self.seal()) {
            return None;
        }
        let offence = mark.attr("offence").and_then(Offence::from_name)?;
        self.counters.count_replaced(offence);
        Some(offence)
    }
}

/// A transport from which comes only what a parser can take.
#[derive(Debug)]
pub(super) struct Firewall<T> {
    transport: T,
    filter: Filter,
    rules: Arc<Rules>,
    /// What may go on, of which so much is gone.
    passed: Vec<u8>,
    taken: usize,
    breach: Option<Breach>,
}

impl<T> Firewall<T> {
    /// Before the beginning of a stream.
    pub(super) fn new(transport: T, rules: Arc<Rules>) -> Self {
        let filter = Filter::new(Arc::clone(&rules));
        Firewall { transport, filter, rules, passed: Vec::new(), taken: 0, breach: None }
    }

    /// For the next stream on the same transport. What came after the end of the last one is thrown away.
    pub(super) fn restart(self) -> Self {
        Firewall::new(self.transport, self.rules)
    }

    /// What it stood before.
    pub(super) fn into_inner(self) -> T {
        self.transport
    }
}

impl<T: AsyncRead + Unpin> AsyncBufRead for Firewall<T> {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let this = self.get_mut();
        while this.taken >= this.passed.len() {
            if let Some(breach) = this.breach {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, breach)));
            }
            this.passed = Vec::new();
            this.taken = 0;
            let mut bytes = [std::mem::MaybeUninit::uninit(); READ_BYTES];
            let mut buffer = ReadBuf::uninit(&mut bytes);
            ready!(Pin::new(&mut this.transport).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                break;
            }
            if let Err(breach) = this.filter.feed(buffer.filled(), &mut this.passed) {
                this.rules.counters.count_broken();
                this.breach = Some(breach);
                if !this.passed.is_empty() {
                    // What passed before it is delivered before it is told. The parser asks for more bytes before it hands
                    // out the end of what it has: give it one that means nothing.
                    this.passed.push(b' ');
                }
            }
        }
        Poll::Ready(Ok(this.passed.get(this.taken..).unwrap_or_default()))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        let this = self.get_mut();
        this.taken += amount;
        if this.taken >= this.passed.len() {
            this.passed = Vec::new();
            this.taken = 0;
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Firewall<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let passed = ready!(self.as_mut().poll_fill_buf(context))?;
        let amount = passed.len().min(buffer.remaining());
        buffer.put_slice(passed.get(..amount).unwrap_or_default());
        self.consume(amount);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Firewall<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.transport).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(context)
    }
}
