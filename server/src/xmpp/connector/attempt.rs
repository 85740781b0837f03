//! From nothing to a stream on which a resource can be bound: the places to try, and each step at one of them.

use std::collections::VecDeque;

use protocol::BareJid;
use sasl::common::ChannelBinding;
use tokio::time::{Instant, timeout};

use super::budget::{Purpose, Turn};
use super::wire::{self, Refusal, Wire};
use super::{ConnectError, Connector};
use crate::xmpp::credential::Credential;
use crate::xmpp::features::Features;
use crate::xmpp::login::{self, Comer, Outcome, Salted, Terms};
use crate::xmpp::resolve::{self, Candidate};
use crate::xmpp::transport::{self, Secured, TlsMode, Transport};

impl Connector {
    /// Tries one place after the other. `elsewhere` is where a server said to come back to.
    pub(in super::super) async fn negotiate(
        &self,
        jid: &BareJid,
        credential: &Credential,
        purpose: Purpose,
        elsewhere: Option<String>,
    ) -> Result<(Wire, Features), ConnectError> {
        // Large, and over in a moment: whoever holds the result should not have to hold it, too.
        Box::pin(self.try_all(jid, credential, purpose, elsewhere)).await
    }

    async fn try_all(
        &self,
        jid: &BareJid,
        credential: &Credential,
        purpose: Purpose,
        elsewhere: Option<String>,
    ) -> Result<(Wire, Features), ConnectError> {
        let Some(username) = jid.local() else { return Err(ConnectError::WrongCredentials) };
        let shared = &*self.0;
        let found = resolve::candidates(&shared.settings.endpoint, shared.resolver.as_ref(), jid.domain());
        // No deadline is the resolver's alone.
        let found = timeout(shared.settings.deadlines.step, found).await;
        let mut candidates: VecDeque<Candidate> = found.map_err(|_| ConnectError::Unreachable)?.into();
        let named = elsewhere.and_then(|place| candidates.front()?.elsewhere(&place));
        // Once: two servers which name each other would keep us running.
        let mut may_be_sent_on = named.is_none();
        if let Some(named) = named {
            candidates.push_front(named);
        }
        let mut last = ConnectError::Unreachable;
        while let Some((_turn, candidate)) = self.next_turn(purpose, &mut candidates).await? {
            let from = self.agent().map(|_| jid);
            let refusal = match self.reach(&candidate, jid.domain(), from).await {
                Ok((mut wire, features, binding)) => {
                    let proof = self.proof(jid, credential, &features, &binding)?;
                    let (is_vouched, by_token) = (proof.is_token(), matches!(proof, Salted::Fast(_)));
                    let may_be_shown = is_vouched || shared.settings.allow_plain_sasl;
                    let terms = Terms {
                        allow_plain: candidate.tls != TlsMode::None && may_be_shown,
                        accept_weaker: shared.settings.accept_weaker_sasl,
                    };
                    let (domain, agent) = (jid.domain(), self.agent());
                    let comer = Comer { domain, username, credential, proof, agent };
                    let signing_in =
                        login::authenticate(&mut wire, &features, binding, terms, comer, &shared.shown);
                    let outcome = self.step("SASL", signing_in).await;
                    if is_vouched {
                        self.note_token(outcome.as_ref().map(drop).map_err(|error| *error));
                    }
                    let Outcome { mechanism, goes_on, token } = match outcome {
                        // Once: the token is gone. On another stream, since this one is spent.
                        Err(error) if by_token && self.note_refused(jid, credential, error) => {
                            candidates.push_front(candidate);
                            continue;
                        }
                        outcome => outcome?,
                    };
                    self.note_let_in(jid, credential, by_token, token);
                    match self.step("stream after SASL", self.go_on(wire, goes_on, domain)).await {
                        Ok((wire, mut opened)) => {
                            opened.signed_in = features.into_signed_in(mechanism);
                            return Ok((wire, opened));
                        }
                        Err(Refusal::Failed(error)) => return Err(error),
                        Err(elsewhere @ Refusal::Elsewhere(_)) => elsewhere,
                    }
                }
                Err(refusal) => refusal,
            };
            match refusal {
                Refusal::Failed(error) => last = error,
                Refusal::Elsewhere(place) => {
                    last = ConnectError::Unreachable;
                    let named = candidate.elsewhere(&place).filter(|_| may_be_sent_on);
                    may_be_sent_on &= named.is_none();
                    if let Some(named) = named {
                        candidates.push_front(named);
                    }
                }
            }
        }
        Err(last)
    }

    /// Waits for a share of the budget, and says where to go with it; nowhere if every place was tried.
    pub(super) async fn next_turn(
        &self,
        purpose: Purpose,
        candidates: &mut VecDeque<Candidate>,
    ) -> Result<Option<(Turn<'_>, Candidate)>, ConnectError> {
        if candidates.is_empty() {
            return Ok(None);
        }
        let turn = self.may_connect(purpose).await?;
        // Only now: others may have found out while this one stood in line.
        self.0.silent.put_last(candidates.make_contiguous(), Instant::now());
        Ok(candidates.pop_front().map(|candidate| (turn, candidate)))
    }

    /// Waits for a share of the budget of connections, which is given back when the connection is no longer on its way in.
    async fn may_connect(&self, purpose: Purpose) -> Result<Turn<'_>, ConnectError> {
        let shared = &*self.0;
        let turn = shared.budget.take(purpose);
        match purpose {
            Purpose::Return => Ok(turn.await),
            // Somebody waits for it: they had better try again than look at nothing for minutes.
            Purpose::SignIn => {
                timeout(shared.settings.deadlines.step, turn).await.map_err(|_| ConnectError::Unreachable)
            }
        }
    }

    /// The stream that stanzas can be sent on: this one after SASL2, another one after SASL.
    async fn go_on(&self, mut wire: Wire, goes_on: bool, domain: &str) -> Result<(Wire, Features), Refusal> {
        if goes_on {
            let features = wire.features().await?;
            return Ok((wire, features));
        }
        wire.restart(domain, wire::timeouts(&self.0.settings.deadlines)).await
    }

    /// A stream with its features, made secure as the candidate wants it. `from` says who it is for, where the server has to
    /// know: only those who could read anything else are told.
    pub(super) async fn reach(
        &self,
        candidate: &Candidate,
        domain: &str,
        from: Option<&BareJid>,
    ) -> Result<(Wire, Features, ChannelBinding), Refusal> {
        let shared = &*self.0;
        let timeouts = wire::timeouts(&shared.settings.deadlines);
        let connecting = transport::connect(&candidate.host, candidate.port);
        let Ok(tcp) = timeout(shared.settings.deadlines.connect, connecting).await else {
            shared.silent.note(candidate, Instant::now());
            return Err(ConnectError::Unreachable.into());
        };
        let plain: Box<dyn Transport> = Box::new(tcp?);
        shared.silent.forget(candidate);
        let Secured { transport: secure, binding, version } = match candidate.tls {
            TlsMode::Direct => self.step("TLS", transport::secure(&shared.tls, domain, plain)).await?,
            TlsMode::StartTls => {
                let (mut wire, features) =
                    self.step("stream", Wire::open(plain, domain, &shared.rules, timeouts)).await?;
                if !features.starttls {
                    return Err(ConnectError::Incompatible("the server offers no TLS").into());
                }
                self.step("STARTTLS", wire.start_tls()).await?;
                self.step("TLS", transport::secure(&shared.tls, domain, wire.into_transport())).await?
            }
            TlsMode::None => Secured { transport: plain, binding: ChannelBinding::None, version: None },
        };
        let (wire, mut features) =
            self.step("stream", Wire::open_for(from, secure, domain, &shared.rules, timeouts)).await?;
        features.signed_in.tls = version;
        Ok((wire, features, binding))
    }

    /// Waits for one step of the negotiation, which is named in the log if the server takes too long over it.
    pub(in super::super) async fn step<T, E: From<ConnectError>>(
        &self,
        name: &'static str,
        step: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        timeout(self.0.settings.deadlines.step, step).await.unwrap_or_else(|_| {
            tracing::debug!(step = name, "the XMPP server did not answer in time");
            Err(ConnectError::Silent.into())
        })
    }
}
