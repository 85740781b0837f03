//! How far a token reaches that was exchanged for a wider one.

use protocol::ConversationId;
use serde::{Deserialize, Serialize};

/// What a token is for besides its scopes. It stands in the token: hence the serialising.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// The origin of the pages from which it is taken; from anywhere if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The conversations for which it is, in normal form; for all that the person has if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conversations: Vec<ConversationId>,
}

impl Bounds {
    /// Requests from a page of this origin, if a browser says so, are within them.
    pub(super) fn admit(&self, origin: Option<&str>) -> bool {
        self.origin.is_none() || self.origin.as_deref() == origin
    }

    /// They leave everything open that there is to do or see.
    pub(super) fn is_everywhere(&self) -> bool {
        self.conversations.is_empty()
    }

    pub(super) fn reach(&self, object: Object<'_>) -> bool {
        self.is_everywhere()
            || match object {
                // What has no rule is of the person.
                Object::Person => false,
                Object::Session => true,
                Object::Conversation(id) => self.conversations.contains(id),
            }
    }
}

/// What something is of that is done or seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object<'a> {
    /// The person: their contacts, their profile, their sign-ins, all that is of no conversation.
    Person,
    /// A conversation, in normal form.
    Conversation(&'a ConversationId),
    /// Whatever whoever is there at all has to know: who they are, how the connection stands. Or what is looked through by
    /// itself before it is shown.
    Session,
}

impl super::Principal {
    /// The one place where it is decided whether somebody may do something to something. What has no rule is denied.
    pub fn may(&self, scope: super::Scope, object: Object<'_>) -> bool {
        self.scopes.contains(scope) && self.bounds.as_ref().is_none_or(|bounds| bounds.reach(object))
    }

    /// They are let do things in some conversations alone.
    pub fn is_bound(&self) -> bool {
        self.bounds.as_ref().is_some_and(|bounds| !bounds.is_everywhere())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold() {
        let id = |text: &str| text.parse::<ConversationId>().unwrap();
        let bounds = |origin: Option<&str>, conversations: &[&str]| Bounds {
            origin: origin.map(str::to_owned),
            conversations: conversations.iter().map(|text| id(text)).collect(),
        };
        let site = Some("https://www.example.com");
        for (bounded, origin, expected) in [
            (None, None, true),
            (None, Some("null"), true),
            (site, site, true),
            (site, None, false),
            (site, Some("null"), false),
            (site, Some("https://www.example.com.evil.example"), false),
            (site, Some("http://www.example.com"), false),
        ] {
            assert_eq!(bounds(bounded, &[]).admit(origin), expected, "{bounded:?} {origin:?}");
        }
        let some = bounds(None, &["den@rooms.spark.test", "romeo@spark.test"]);
        for (object, expected) in [
            (Object::Session, true),
            (Object::Person, false),
            (Object::Conversation(&id("romeo@spark.test")), true),
            (Object::Conversation(&id("nurse@spark.test")), false),
            // Somebody in the room is not the room.
            (Object::Conversation(&id("den@rooms.spark.test/wolf")), false),
            (Object::Conversation(&id("spark.test")), false),
        ] {
            assert_eq!(some.reach(object), expected, "{object:?}");
            assert!(bounds(site, &[]).reach(object), "{object:?}");
        }
    }

    #[test]
    fn a_token_says_them_in_few_words() {
        let text = |bounds: &Bounds| serde_json::to_string(bounds).unwrap();
        assert_eq!(text(&Bounds::default()), "{}");
        let bounds = Bounds {
            origin: Some("https://www.example.com".to_owned()),
            conversations: vec!["romeo@spark.test".parse().unwrap()],
        };
        let expected = r#"{"origin":"https://www.example.com","conversations":["romeo@spark.test"]}"#;
        assert_eq!(text(&bounds), expected);
        assert_eq!(serde_json::from_str::<Bounds>(expected).unwrap(), bounds);
    }
}
