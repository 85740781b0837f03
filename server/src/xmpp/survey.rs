//! What the person's server offers, put together from what its parts say of themselves.
//!
//! It knows which feature is looked for where, and what the gateway does without it. It asks nobody: whoever holds a
//! [`Survey`] does, and puts the answers in.

use protocol::{BareJid, Jid, ServerFeature, ServerService, ServerStream};

use super::facts::StreamFacts;
use super::namespaces as ns;
use super::request::{Identity, Info, Item};

/// The most services that are asked what they are.
const MAX_SERVICES: usize = 50;

/// What is known of a server so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    owner: BareJid,
    stream: StreamFacts,
    domain: Noted,
    account: Noted,
    services: Vec<(Item, Noted)>,
}

/// Of what an address says of itself, that which is looked at. Each session keeps it, and a server says a hundred things.
#[derive(Debug, Clone, Default, PartialEq)]
struct Noted {
    identities: Box<[Identity]>,
    /// Those among [`ROWS`].
    features: Box<[&'static str]>,
    /// The largest file that it takes (XEP-0363 section 4).
    max_file_bytes: Option<u64>,
}

impl Noted {
    fn has(&self, feature: &str) -> bool {
        self.features.contains(&feature)
    }

    fn is(&self, category: &str, kind: &str) -> bool {
        self.identities.iter().any(|identity| identity.category == category && identity.kind == kind)
    }
}

impl From<Info> for Noted {
    fn from(info: Info) -> Self {
        let looked_for = ROWS.iter().filter_map(|row| match row.place {
            Place::Domain(feature) | Place::Account(feature) | Place::Service(feature) => Some(feature),
            Place::Stream(_) | Place::Kind(..) => None,
        });
        let max_file_bytes = info.value(ns::HTTP_UPLOAD, "max-file-size");
        Noted {
            features: looked_for.filter(|feature| info.has(feature)).collect(),
            max_file_bytes: max_file_bytes.and_then(|size| size.trim().parse().ok()),
            identities: info.identities.into(),
        }
    }
}

/// The service that takes files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadService {
    /// Its address.
    pub jid: Jid,
    /// The largest file that it takes, if it says so.
    pub max_bytes: Option<u64>,
}

/// Where a feature is looked for.
enum Place {
    Stream(fn(&StreamFacts) -> bool),
    Domain(&'static str),
    Account(&'static str),
    /// Some services have it, or the domain itself.
    Service(&'static str),
    /// Something is this.
    Kind(&'static str, &'static str),
}

struct Row {
    spec: &'static str,
    name: &'static str,
    place: Place,
    otherwise: &'static str,
}

const fn row(spec: &'static str, name: &'static str, place: Place, otherwise: &'static str) -> Row {
    Row { spec, name, place, otherwise }
}

/// Everything that is looked for.
static ROWS: [Row; 33] = [
    row(
        "XEP-0198",
        "Stream management",
        Place::Stream(|stream| stream.stream_management),
        "A ping after what was sent tells that it arrived.",
    ),
    row(
        "XEP-0198",
        "Stream resumption",
        Place::Stream(|stream| stream.resumable),
        "A connection that broke is made anew; the archive fills the gap.",
    ),
    row(
        "XEP-0352",
        "Client state indication",
        Place::Stream(|stream| stream.client_state),
        "The server sends everything at once, whether or not somebody is looking.",
    ),
    row(
        "RFC 6121",
        "Roster versioning",
        Place::Stream(|stream| stream.roster_versions),
        "The whole roster is fetched on every new connection.",
    ),
    row(
        "RFC 6121",
        "Subscription pre-approval",
        Place::Stream(|stream| stream.pre_approval),
        "A contact can be let in once they have asked.",
    ),
    row(
        "XEP-0440",
        "Channel binding types",
        Place::Stream(|stream| stream.channel_bindings.is_some()),
        "The gateway signs in without channel binding.",
    ),
    row(
        "XEP-0388",
        "Signing in and binding in one step",
        Place::Stream(|stream| stream.sasl2),
        "They are steps one after the other.",
    ),
    row(
        "XEP-0484",
        "Tokens in the place of passwords",
        Place::Stream(|stream| stream.tokens),
        "SCRAM's keys or the password are kept, sealed.",
    ),
    row(
        "XEP-0478",
        "Stream limits",
        Place::Stream(|stream| stream.max_stanza_bytes.is_some() || stream.idle_secs.is_some()),
        "The gateway's own limits hold.",
    ),
    row(
        "XEP-0077",
        "Registration in-band",
        Place::Stream(|stream| stream.registration),
        "Accounts are made elsewhere.",
    ),
    row(
        "XEP-0077",
        "Account management in-band",
        Place::Domain(ns::REGISTER),
        "The password is changed elsewhere.",
    ),
    row(
        "XEP-0280",
        "Message carbons",
        Place::Domain(ns::CARBONS),
        "What other clients send shows when the archive is read.",
    ),
    row("XEP-0191", "Blocking", Place::Domain(ns::BLOCKING_FEATURE), "Nobody can be blocked."),
    row(
        "XEP-0377",
        "Spam reporting",
        Place::Domain(ns::REPORTING_FEATURE),
        "Blocking goes without a report.",
    ),
    row(
        "XEP-0049",
        "Private storage",
        Place::Domain(ns::PRIVATE_STORAGE),
        "Bookmarks of the old kind are not read.",
    ),
    row("XEP-0215", "External services", Place::Domain(ns::EXTERNAL_SERVICES), "Calls have no relays."),
    row(
        "XEP-0483",
        "Online meetings",
        Place::Domain(ns::MEETINGS_INITIATE),
        "Meetings are made from the configuration's template, or not at all.",
    ),
    row("XEP-0199", "Ping", Place::Domain(ns::PING), "Any answer to a ping counts, a refusal too."),
    row("XEP-0202", "Time", Place::Domain(ns::TIME), "The gateway's clock is used."),
    row(
        "XEP-0313",
        "Message archive",
        Place::Account(ns::MAM),
        "History is what the session has seen since it began.",
    ),
    row("XEP-0359", "Stable message ids", Place::Account(ns::SID), "Only the archive's own ids are trusted."),
    row(
        "XEP-0223",
        "Private data by publishing",
        Place::Account(ns::PUBLISH_OPTIONS_FEATURE),
        "A node is made private before anything is published to it.",
    ),
    row(
        "XEP-0402",
        "Bookmark conversion",
        Place::Account(ns::BOOKMARK_CONVERSION),
        "Clients with bookmarks of the old kind have their own.",
    ),
    row(
        "XEP-0398",
        "Avatar conversion",
        Place::Account(ns::AVATAR_CONVERSION),
        "Avatars are looked for in both places.",
    ),
    row(
        "XEP-0357",
        "Push notifications",
        Place::Account(ns::PUSH_FEATURE),
        "Nobody is told of messages while no session is held.",
    ),
    row(
        "XEP-0054",
        "vCards",
        Place::Account(ns::VCARD),
        "Names and pictures come from personal eventing alone.",
    ),
    row("XEP-0292", "vCard 4", Place::Account(ns::VCARD4_FEATURE), "The older vCard is used."),
    row(
        "XEP-0163",
        "Personal eventing",
        Place::Kind("pubsub", "pep"),
        "Avatars and nicknames come from vCards.",
    ),
    row(
        "XEP-0060",
        "Publish and subscribe",
        Place::Kind("pubsub", "service"),
        "Only the own account has nodes.",
    ),
    row("XEP-0045", "Rooms", Place::Service(ns::MUC_FEATURE), "There are no rooms of this domain."),
    row("XEP-0363", "File upload", Place::Service(ns::HTTP_UPLOAD), "Files can't be sent."),
    row("XEP-0055", "Search", Place::Service(ns::SEARCH), "People are found by their address alone."),
    row(
        "XEP-0092",
        "Software version",
        Place::Domain(ns::VERSION),
        "Which program the server is stays unknown.",
    ),
];

impl Survey {
    /// Of a person's server, on a stream of which this is known.
    pub fn new(owner: BareJid, stream: StreamFacts) -> Self {
        Survey { owner, stream, domain: Noted::default(), account: Noted::default(), services: Vec::new() }
    }

    /// The domain's own address.
    pub fn domain_of(owner: &BareJid) -> BareJid {
        // What comes behind the `@` of an address is one itself; else the address stands for it.
        owner.domain().parse().unwrap_or_else(|_| owner.clone())
    }

    /// What the domain says of itself.
    pub fn set_domain(&mut self, info: Info) {
        self.domain = info.into();
    }

    /// What the person's own account says of itself.
    pub fn set_account(&mut self, info: Info) {
        self.account = info.into();
    }

    /// The person's account holds what is published to options (XEP-0060 section 7.1.5), as far as it has answered.
    pub fn holds_to_publish_options(&self) -> bool {
        self.account.has(ns::PUBLISH_OPTIONS_FEATURE)
    }

    /// Of what the domain lists, that which is to be asked what it is.
    pub fn services_to_ask(&self, items: Vec<Item>) -> Vec<Item> {
        let domain = Survey::domain_of(&self.owner);
        let mut seen: Vec<Jid> = vec![domain.into()];
        let is_new = |item: &Item| {
            let is_new = item.node.is_none() && !seen.contains(&item.jid);
            if is_new {
                seen.push(item.jid.clone());
            }
            is_new
        };
        items.into_iter().filter(is_new).take(MAX_SERVICES).collect()
    }

    /// What a service says of itself.
    pub fn add_service(&mut self, item: Item, info: Info) {
        self.services.push((item, info.into()));
        self.services.sort_by(|(a, _), (b, _)| a.jid.as_str().cmp(b.jid.as_str()));
    }

    /// Everything that is looked for, found or not.
    pub fn features(&self) -> Vec<ServerFeature> {
        let feature = |row: &Row| {
            let (supported, at) = self.look(&row.place);
            ServerFeature {
                spec: row.spec.to_owned(),
                name: row.name.to_owned(),
                supported,
                at,
                otherwise: row.otherwise.to_owned(),
            }
        };
        ROWS.iter().map(feature).collect()
    }

    /// The services beside the server.
    pub fn services(&self) -> Vec<ServerService> {
        self.services
            .iter()
            .map(|(item, info)| {
                let own_name =
                    info.identities.iter().map(|identity| &identity.name).find(|name| !name.is_empty());
                let kinds =
                    info.identities.iter().map(|identity| format!("{}/{}", identity.category, identity.kind));
                ServerService {
                    jid: item.jid.clone(),
                    name: item.name.clone().or_else(|| own_name.cloned()),
                    kinds: kinds.collect(),
                }
            })
            .collect()
    }

    /// The stream, for those who look at it.
    pub fn stream(&self) -> ServerStream {
        let stream = &self.stream;
        ServerStream {
            tls: stream.tls.map(str::to_owned),
            mechanism: stream.mechanism.map(str::to_owned),
            mechanisms: stream.mechanisms.clone(),
            channel_bindings: stream.channel_bindings.clone().unwrap_or_default(),
            resumable: stream.resumable,
            max_stanza_bytes: stream.max_stanza_bytes,
            idle_secs: stream.idle_secs,
        }
    }

    /// The service that takes files (XEP-0363 section 4): of several, the one that takes the largest.
    pub fn upload(&self) -> Option<UploadService> {
        let services = self
            .having(ns::HTTP_UPLOAD)
            .map(|(jid, noted)| UploadService { jid, max_bytes: noted.max_file_bytes });
        services.max_by_key(|service| service.max_bytes.unwrap_or(u64::MAX))
    }

    /// Services that can do this, and the domain itself.
    fn having(&self, feature: &str) -> impl Iterator<Item = (Jid, &Noted)> {
        let domain = (Jid::from(Survey::domain_of(&self.owner)), &self.domain);
        let services = self.services.iter().map(|(item, noted)| (item.jid.clone(), noted));
        services.chain([domain]).filter(move |(_, noted)| noted.has(feature))
    }

    fn look(&self, place: &Place) -> (bool, Option<Jid>) {
        let domain = || Jid::from(Survey::domain_of(&self.owner));
        let at = match place {
            Place::Stream(is_there) => return (is_there(&self.stream), None),
            Place::Domain(feature) => self.domain.has(feature).then(domain),
            Place::Account(feature) => {
                let at_account = self.account.has(feature).then(|| self.owner.clone().into());
                at_account.or_else(|| self.domain.has(feature).then(domain))
            }
            Place::Service(feature) => self.having(feature).next().map(|(jid, _)| jid),
            Place::Kind(category, kind) => {
                let account = (Jid::from(self.owner.clone()), &self.account);
                let services = self.services.iter().map(|(item, noted)| (item.jid.clone(), noted));
                let mut all = services.chain([account, (domain(), &self.domain)]);
                all.find(|(_, noted)| noted.is(category, kind)).map(|(jid, _)| jid)
            }
        };
        (at.is_some(), at)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::xmpp::request::{Identity, InfoForm};

    fn survey() -> Survey {
        Survey::new("juliet@spark.test".parse().unwrap(), StreamFacts::default())
    }

    fn item(jid: &str) -> Item {
        Item { jid: jid.parse().unwrap(), node: None, name: None }
    }

    fn info(features: &[&str]) -> Info {
        Info { features: features.iter().map(|&feature| feature.to_owned()).collect(), ..Info::default() }
    }

    fn found(survey: &Survey, name: &str) -> Option<String> {
        let feature = survey.features().into_iter().find(|feature| feature.name == name).unwrap();
        assert_eq!(feature.supported, feature.at.is_some(), "{name}");
        feature.at.map(|jid| jid.to_string())
    }

    #[test]
    fn each_feature_is_named_once_and_has_its_otherwise() {
        let names: BTreeSet<&str> = ROWS.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), ROWS.len());
        for row in &ROWS {
            let is_known = row.spec.starts_with("XEP-0") || row.spec.starts_with("RFC ");
            assert!(is_known && row.otherwise.ends_with('.'), "{}", row.name);
        }
    }

    #[test]
    fn features_are_found_where_they_are() {
        let mut survey = survey();
        for name in ["Message archive", "Blocking", "Rooms", "Personal eventing"] {
            assert_eq!(found(&survey, name), None, "{name}");
        }
        survey.set_domain(info(&[ns::BLOCKING_FEATURE, ns::VCARD]));
        let pep = Identity {
            category: "pubsub".to_owned(),
            kind: "pep".to_owned(),
            lang: String::new(),
            name: String::new(),
        };
        survey.set_account(Info { identities: vec![pep], ..info(&[ns::MAM]) });
        survey.add_service(item("rooms.spark.test"), info(&[ns::MUC_FEATURE]));
        for (name, at) in [
            ("Message archive", "juliet@spark.test"),
            ("Personal eventing", "juliet@spark.test"),
            ("Blocking", "spark.test"),
            ("vCards", "spark.test"),
            ("Rooms", "rooms.spark.test"),
        ] {
            assert_eq!(found(&survey, name).as_deref(), Some(at), "{name}");
        }
    }

    #[test]
    fn so_many_services_are_asked_and_each_once() {
        let mut items: Vec<Item> = (0..60).map(|n| item(&format!("s{n}.spark.test"))).collect();
        items.insert(0, item("spark.test"));
        items.insert(1, item("s0.spark.test"));
        items.insert(2, Item { node: Some("a".to_owned()), ..item("nodes.spark.test") });
        let asked = survey().services_to_ask(items);
        assert_eq!(asked.len(), MAX_SERVICES);
        assert_eq!(asked[0], item("s0.spark.test"));
        assert_eq!(asked[1], item("s1.spark.test"));
    }

    #[test]
    fn the_service_for_the_largest_files_is_used() {
        let mut survey = survey();
        assert_eq!(survey.upload(), None);
        let service = |max: &str| {
            let fields = vec![("max-file-size".to_owned(), vec![max.to_owned()])];
            let form = InfoForm { kind: ns::HTTP_UPLOAD.to_owned(), fields };
            Info { forms: vec![form], ..info(&[ns::HTTP_UPLOAD]) }
        };
        survey.add_service(item("a.spark.test"), service("100"));
        survey.add_service(item("b.spark.test"), service("200"));
        let upload = survey.upload().unwrap();
        assert_eq!((upload.jid.as_str(), upload.max_bytes), ("b.spark.test", Some(200)));
        survey.add_service(item("c.spark.test"), service("as you like"));
        assert_eq!(survey.upload().unwrap().max_bytes, None);
    }
}
