//! What a loss leaves behind, where it is brought about at a chosen moment: a gateway that is killed, a stream that can't
//! be resumed. What a thousand of them leave behind is in `chaos`.

mod expired;
mod rooms;
mod steps;
