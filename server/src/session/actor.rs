//! The task that is a session: it receives, steps the machine, and performs what the machine says.
//!
//! It alone holds the person's connection and appends to their log, so that what it does has an order. It decides one
//! thing itself: when nobody has been there for a while the connection is closed, and opened again when somebody is.

use std::pin::Pin;
use std::sync::Arc;

use protocol::{BareJid, EndReason, TimestampMs};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use super::attendance::{Attendance, Due};
use super::audience::{Audience, Sight};
use super::command::Command;
use super::machine::{Answer, Effect, Input, Machine};
use super::registry::SessionSettings;
use super::vigil::Vigil;
use crate::clock;
use crate::events::Log;
use crate::xmpp::{
    Authenticated, ConnectError, Connection, Connector, Credential, Outgoing, SendFull, StreamEvent,
};

/// How often the machine is told that time has passed.
const TICK: std::time::Duration = std::time::Duration::from_secs(5);

type Opening = Pin<Box<dyn Future<Output = Result<Authenticated, ConnectError>> + Send>>;

/// Somebody whom the XMPP server has let in.
pub(super) struct SignIn {
    pub(super) authenticated: Authenticated,
    pub(super) credential: Credential,
}

/// What an actor is made of.
pub(super) struct Actor {
    pub(super) jid: BareJid,
    pub(super) settings: SessionSettings,
    pub(super) connector: Connector,
    pub(super) credential: Credential,
    pub(super) commands: mpsc::Receiver<Box<Command>>,
    /// Sign-ins of the same person: each was checked by the server, and may open a parked session.
    pub(super) sign_ins: mpsc::Receiver<Box<SignIn>>,
    pub(super) attachments: Arc<watch::Sender<Audience>>,
    pub(super) log: Log,
    pub(super) machine: Machine,
    /// For whoever is told elsewhere.
    pub(super) vigil: Vigil,
}

/// Where the connection is.
enum Line {
    Up(Connection),
    Opening(Opening),
    Parked,
}

enum Turn {
    Command(Box<Command>),
    Stream(StreamEvent),
    Opened(Result<Authenticated, ConnectError>),
    SignIn(Box<SignIn>),
    Attachments,
    Tick,
    /// Every handle is gone.
    Abandoned,
}

impl Actor {
    /// Lives until the session is over, and says why it is. Boxed: a task has room for what it is handed, and again for what it makes of it.
    pub(super) async fn run(mut self: Box<Self>, connection: Connection) -> EndReason {
        let mut line = Line::Up(connection);
        let mut attachments = self.attachments.subscribe();
        let mut attendance = Attendance::new(Instant::now());
        let mut held_until = Instant::now() + self.settings.open_within;
        let mut next_tick = Instant::now() + TICK;
        loop {
            let is_held = self.machine.is_opening() && Instant::now() < held_until;
            let turn = tokio::select! {
                // A session that is being opened answers when it is open, rather than with what it was before.
                command = self.commands.recv(), if !is_held => command.map_or(Turn::Abandoned, Turn::Command),
                turn = line_event(&mut line) => turn,
                Some(sign_in) = self.sign_ins.recv() => Turn::SignIn(sign_in),
                Ok(()) = attachments.changed() => Turn::Attachments,
                () = sleep_until(next_tick) => Turn::Tick,
                () = sleep_until(held_until), if is_held => Turn::Tick,
            };
            let input = match turn {
                Turn::Command(command) => {
                    attendance.asked(Instant::now());
                    if matches!(line, Line::Parked) && !matches!(*command, Command::End { .. }) {
                        line = self.reopen(None);
                        held_until = Instant::now() + self.settings.open_within;
                        self.step(&mut line, Input::Reopening).await;
                    }
                    // What was asked of a parked session is answered with what it remembers; the next will find it open.
                    Input::Command(*command)
                }
                Turn::Stream(event) => {
                    // Whoever looks no more by now did not see it, whichever of the two was taken first.
                    if attachments.has_changed().unwrap_or(false) {
                        let sight = attachments.borrow().sight();
                        self.vigil.watched(&self.jid, sight);
                    }
                    Input::Stream(event)
                }
                Turn::Opened(Ok(authenticated)) => {
                    line = Line::Up(authenticated.open());
                    continue;
                }
                Turn::Opened(Err(error)) => {
                    line = Line::Parked;
                    match error {
                        ConnectError::WrongCredentials => {
                            Input::Stream(StreamEvent::Ended { reason: EndReason::CredentialsRequired })
                        }
                        ConnectError::AccountRefused | ConnectError::AccountDisabled => {
                            Input::Stream(StreamEvent::Ended { reason: EndReason::Refused })
                        }
                        // Still parked: whoever asks next tries again.
                        _ => Input::Parked,
                    }
                }
                Turn::SignIn(sign_in) => {
                    let SignIn { authenticated, credential } = *sign_in;
                    attendance.asked(Instant::now());
                    // The connection that is up has it too, for when it has to come back.
                    self.credential.change(&credential);
                    if let Line::Up(connection) = &line {
                        connection.hurry();
                        continue;
                    }
                    line = self.reopen(Some(authenticated));
                    held_until = Instant::now() + self.settings.open_within;
                    Input::Reopening
                }
                Turn::Attachments => {
                    let sight = attachments.borrow_and_update().sight();
                    attendance.attached(Instant::now(), sight.is_attended);
                    self.vigil.watched(&self.jid, sight);
                    if sight.is_attended && matches!(line, Line::Parked) {
                        line = self.reopen(None);
                        held_until = Instant::now() + self.settings.open_within;
                        self.step(&mut line, Input::Reopening).await;
                    }
                    Input::Attended(sight.is_watched)
                }
                Turn::Tick => {
                    next_tick = Instant::now() + TICK;
                    if self.vigil.is_heard_now(&self.jid) {
                        self.step(&mut line, Input::Heard).await;
                    }
                    match attendance.due(Instant::now(), &self.settings) {
                        _ if self.vigil.keeps(&self.jid) => {
                            if matches!(line, Line::Parked) && self.vigil.is_due(&self.jid, Instant::now()) {
                                line = self.reopen(None);
                                self.step(&mut line, Input::Reopening).await;
                            }
                            Input::Tick
                        }
                        Due::End => Input::Stream(StreamEvent::Ended { reason: EndReason::Idle }),
                        Due::Park if matches!(line, Line::Up(_)) => {
                            close(&mut line).await;
                            Input::Parked
                        }
                        Due::Park | Due::Nothing => Input::Tick,
                    }
                }
                Turn::Abandoned => Input::Stream(StreamEvent::Ended { reason: EndReason::Shutdown }),
            };
            if let Some(reason) = self.step(&mut line, input).await {
                return reason;
            }
        }
    }

    /// Steps the machine and performs its effects. Says why the session is over, if it is.
    fn step(&mut self, line: &mut Line, input: Input) -> impl Future<Output = Option<EndReason>> + Send {
        let now_ms = clock::now_ms();
        // At once, so that the task has no room for the input while it performs.
        let effects = self.machine.step(now_ms, input);
        self.perform(line, now_ms, effects)
    }

    async fn perform(
        &mut self,
        line: &mut Line,
        now_ms: TimestampMs,
        mut effects: Vec<Effect>,
    ) -> Option<EndReason> {
        let mut over = None;
        let mut later = Vec::new();
        while !effects.is_empty() {
            let mut refused = Vec::new();
            for effect in effects {
                match effect {
                    Effect::Send(outgoing) => {
                        if let Line::Up(connection) = line
                            && let Err(SendFull) = connection.send(outgoing.clone())
                        {
                            refused.push(outgoing);
                        }
                    }
                    Effect::Publish(event) => {
                        self.log.append(now_ms, &event);
                    }
                    Effect::Notice(notice) => self.vigil.say(&self.jid, *notice),
                    Effect::Stop(reason) => {
                        tracing::debug!(?reason, "a session ends");
                        self.vigil.watched(&self.jid, Sight::default());
                        close(line).await;
                        over = Some(reason);
                    }
                    // Whoever ended it is answered when it has ended.
                    Effect::Answer(answer) if over.is_some() => later.push(answer),
                    Effect::Answer(answer) => self.answer(answer),
                }
            }
            effects = refused
                .into_iter()
                .flat_map(|outgoing: Outgoing| self.machine.step(now_ms, Input::NotSent(outgoing)))
                .collect();
        }
        if let Some(reason) = over {
            self.log.close(reason);
        }
        for answer in later {
            self.answer(answer);
        }
        over
    }

    fn answer(&self, answer: Answer) {
        match answer {
            Answer::Snapshot(reply, mut snapshot) => {
                // Everything that the snapshot holds has been published, and nothing after it has.
                snapshot.position = self.log.head();
                // A reader who has gone does not need it.
                let _ = reply.send(*snapshot);
            }
            Answer::Whole(answer) => answer.deliver(),
        }
    }

    fn reopen(&self, authenticated: Option<Authenticated>) -> Line {
        if let Some(authenticated) = authenticated {
            return Line::Up(authenticated.open());
        }
        let (connector, jid, credential) =
            (self.connector.clone(), self.jid.clone(), self.credential.clone());
        Line::Opening(Box::pin(async move { connector.authenticate(&jid, &credential).await }))
    }
}

async fn line_event(line: &mut Line) -> Turn {
    match line {
        Line::Up(connection) => Turn::Stream(connection.next().await),
        Line::Opening(opening) => Turn::Opened(opening.await),
        Line::Parked => std::future::pending().await,
    }
}

/// Says goodbye where there is somebody to say it to.
async fn close(line: &mut Line) {
    if let Line::Up(connection) = std::mem::replace(line, Line::Parked) {
        connection.close().await;
    }
}
