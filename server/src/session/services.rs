//! What can be asked of a session about services beside chat: calls, meetings, the directory, the account, raw stanzas.

use protocol::{
    Directory, DirectoryEntry, Entity, ExternalService, ExternalServices, Jid, Meeting, NewMeeting, Server,
};
use secrecy::SecretString;

use super::Session;
use super::command::SessionError;
use super::server::ServerCommand;
use crate::xmpp::{
    Answer, AskRaw, DiscoverInfo, FetchExternalCredentials, FetchExternalServices, FetchSearchFields, Info,
    Outgoing, RawStanza, Request, RequestError, SetPassword, StanzaError, StartMeeting, Unregister,
    normalise_jid,
};

/// The most services for which name and password are asked.
const MAX_CREDENTIALS: usize = 8;
/// The most people of a search.
const MAX_PEOPLE: usize = 100;

/// Asks a question of which the answer is of one kind.
macro_rules! answer {
    ($session:expr, $request:expr, $kind:path) => {
        match $session.question($request).await {
            Ok($kind(value)) => Ok(value),
            Ok(_) => Err(SessionError::Request(RequestError::Malformed)),
            Err(error) => Err(error),
        }
    };
}
pub(super) use answer;

impl Session {
    /// Puts a question to the server, or through it to somebody.
    pub(super) async fn question(&self, request: Request) -> Result<Answer, SessionError> {
        self.ask(|reply| ServerCommand::Ask { request: Box::new(request), reply }).await?
    }

    /// Relays for calls, with names and passwords where they want some.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::NoSuchService`].
    pub async fn external_services(&self) -> Result<ExternalServices, SessionError> {
        let jid = place(&self.server().await?, "XEP-0215")?;
        let question = FetchExternalServices { jid: jid.clone() };
        let found = answer!(self, Request::FetchExternalServices(question), Answer::ExternalServices)?;
        let mut services = Vec::new();
        let mut asked = 0;
        for found in found {
            if !found.wants_credentials {
                services.push(found.service);
                continue;
            }
            asked += 1;
            if asked > MAX_CREDENTIALS {
                continue;
            }
            let service = found.service.clone();
            let question = FetchExternalCredentials { jid: jid.clone(), service };
            let told = answer!(self, Request::FetchExternalCredentials(question), Answer::ExternalServices);
            // One that gives no password is of no use to anybody.
            let told = told.ok().and_then(|told| told.into_iter().next());
            services.extend(told.map(|told| with_credentials(found.service, told.service)));
        }
        Ok(ExternalServices { services })
    }

    /// A meeting on the web: of the server's, else of the template, in which `{id}` stands for the meeting.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::NoSuchService`].
    pub async fn meeting(
        &self,
        id: String,
        meeting: NewMeeting,
        template: Option<&str>,
    ) -> Result<Meeting, SessionError> {
        let NewMeeting { kind, description, .. } = meeting;
        let jid = domain(self.jid())?;
        let kind = kind.unwrap_or_else(|| "jitsi".to_owned());
        let question = StartMeeting { jid, kind, id: id.clone(), description };
        match answer!(self, Request::StartMeeting(question), Answer::Meeting) {
            Err(error) if error.is_unsupported() => match template {
                Some(template) => Ok(Meeting { url: template.replace("{id}", &id), host_url: None }),
                None => Err(SessionError::NoSuchService),
            },
            result => result,
        }
    }

    /// People whom the server knows.
    ///
    /// # Errors
    /// As [`Session::history`], and [`SessionError::NoSuchService`].
    pub async fn search(&self, query: &str) -> Result<Directory, SessionError> {
        let jid = place(&self.server().await?, "XEP-0055")?;
        let question = FetchSearchFields { jid: jid.clone() };
        let fields = answer!(self, Request::FetchSearchFields(question), Answer::SearchFields)?;
        let mut people: Vec<DirectoryEntry> = Vec::new();
        for search in fields.searches(&jid, query) {
            for person in answer!(self, Request::Search(search), Answer::Directory)? {
                if people.len() < MAX_PEOPLE && people.iter().all(|known| known.jid != person.jid) {
                    people.push(person);
                }
            }
        }
        Ok(Directory { people })
    }

    /// What an address is and can do.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn entity(&self, jid: &Jid, node: Option<String>) -> Result<Entity, SessionError> {
        let jid = normalise_jid(jid)?;
        let question = DiscoverInfo { jid: jid.clone(), node };
        let info = answer!(self, Request::DiscoverInfo(question), Answer::Info)?;
        let Info { identities, features, .. } = *info;
        let kinds = identities.iter().map(|identity| format!("{}/{}", identity.category, identity.kind));
        Ok(Entity { jid, kinds: kinds.collect(), features: features.into_iter().collect() })
    }

    /// Sets another password. Whether the person knows the one so far is to be checked already.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn set_password(&self, password: SecretString) -> Result<(), SessionError> {
        let account = self.jid().clone();
        self.question(Request::SetPassword(SetPassword { account, password })).await.map(|_| ())
    }

    /// Removes the account. The server may close the stream before it answers: then it is done, too.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn remove_account(&self) -> Result<(), SessionError> {
        let account = self.jid().clone();
        match self.question(Request::Unregister(Unregister { account })).await {
            Ok(_) | Err(SessionError::Ended | SessionError::Request(RequestError::Lost)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sends a stanza as it is; a question is answered with the stanza that came back.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn send_stanza(&self, stanza: RawStanza) -> Result<Option<String>, SessionError> {
        if stanza.is_question() {
            return answer!(self, Request::AskRaw(AskRaw { stanza }), Answer::Raw).map(Some);
        }
        let outgoing = Outgoing::Raw(Box::new(stanza));
        self.ask(|reply| ServerCommand::Send { outgoing: Box::new(outgoing), reply }).await??;
        Ok(None)
    }
}

/// Where something of a specification is.
fn place(server: &Server, spec: &str) -> Result<Jid, SessionError> {
    let found = server.features.iter().find(|feature| feature.spec == spec);
    found.and_then(|feature| feature.at.clone()).ok_or(SessionError::NoSuchService)
}

/// The address of a person's server.
fn domain(jid: &protocol::BareJid) -> Result<Jid, SessionError> {
    jid.domain().parse().map_err(SessionError::Address)
}

fn with_credentials(service: ExternalService, told: ExternalService) -> ExternalService {
    let ExternalService { username, password, expires_at_ms, .. } = told;
    ExternalService { username, password, expires_at_ms, ..service }
}

impl SessionError {
    /// The server does not do this, for whatever reason of its own.
    pub fn is_unsupported(&self) -> bool {
        use RequestError::{Malformed, Refused};
        matches!(
            self,
            SessionError::NoSuchService
                | SessionError::Request(
                    Malformed
                        | Refused(StanzaError::Unsupported | StanzaError::ItemNotFound | StanzaError::Other)
                )
        )
    }
}
