//! Who is there to talk to.

use protocol::Availability;

use super::seed::Account;

/// The domain of everybody in the demo.
pub const DOMAIN: &str = "spark.localhost";
/// Everybody's password.
pub const PASSWORD: &str = "spark-demo";

/// Somebody who keeps the roster company.
pub(super) struct Person {
    pub(super) name: &'static str,
    pub(super) full_name: &'static str,
    pub(super) groups: &'static [&'static str],
    pub(super) availability: Availability,
    pub(super) status: &'static str,
}

const fn person(
    name: &'static str,
    full_name: &'static str,
    groups: &'static [&'static str],
    availability: Availability,
    status: &'static str,
) -> Person {
    Person { name, full_name, groups, availability, status }
}

/// Everybody but those who are to be signed in as.
pub(super) const PEOPLE: [Person; 11] = [
    person("mercutio", "Mercutio", &["Friends", "Verona"], Availability::Chat, "Ask me tomorrow"),
    person("benvolio", "Benvolio", &["Friends"], Availability::Available, ""),
    person("tybalt", "Tybalt", &["Family"], Availability::DoNotDisturb, "Practising"),
    person("paris", "Count Paris", &["Verona"], Availability::Away, "Back after the feast"),
    person("laurence", "Friar Laurence", &["Friends"], Availability::Available, "In the herb garden"),
    person("balthasar", "Balthasar", &["Work"], Availability::ExtendedAway, "On the road to Mantua"),
    person("rosaline", "Rosaline", &["Verona"], Availability::Available, ""),
    person("capulet", "Lord Capulet", &["Family"], Availability::Offline, ""),
    person("montague", "Lady Montague", &["Family"], Availability::Offline, ""),
    person("escalus", "Prince Escalus", &["Work", "Verona"], Availability::Away, ""),
    person("peter", "Peter", &["Work"], Availability::Offline, ""),
];

/// Those who are to be signed in as.
const MAIN: [(&str, &str, &str); 3] =
    [("juliet", "Juliet", "Family"), ("romeo", "Romeo", "Friends"), ("nurse", "Nurse", "Family")];

/// Every account, with the roster of each.
pub(super) fn accounts() -> Vec<Account> {
    let everybody = || {
        let main = MAIN.iter().map(|(name, full_name, group)| (*name, *full_name, vec![*group]));
        main.chain(PEOPLE.iter().map(|person| (person.name, person.full_name, person.groups.to_vec())))
    };
    everybody()
        .map(|(name, ..)| {
            let is_main = MAIN.iter().any(|(main, ..)| *main == name);
            let knows =
                |other: &str| other != name && (is_main || MAIN.iter().any(|(main, ..)| *main == other));
            let contacts = everybody().filter(|(other, ..)| knows(other));
            Account {
                name: name.to_owned(),
                password: PASSWORD.to_owned(),
                contacts: contacts
                    .map(|(other, full_name, groups)| {
                        (
                            other.to_owned(),
                            full_name.to_owned(),
                            groups.into_iter().map(str::to_owned).collect(),
                        )
                    })
                    .collect(),
            }
        })
        .collect()
}
