//! What Android's key store writes of a key into its certificate (WebAuthn Level 3, section 8.4), by the names that Android has
//! for it.

use rcgen::CustomExtension;

use super::der;

const INTEGER: &[u8] = &[0x02];
const OCTETS: &[u8] = &[0x04];
const ENUMERATED: &[u8] = &[0x0a];
const SEQUENCE: &[u8] = &[0x30];
const SET: &[u8] = &[0x31];

pub(crate) const ENCRYPT: u8 = 0;
pub(crate) const SIGN: u8 = 2;
pub(crate) const VERIFY: u8 = 3;
pub(crate) const GENERATED: u8 = 0;
pub(crate) const IMPORTED: u8 = 2;

/// `SecurityLevel`.
pub(crate) const SOFTWARE: u8 = 0;
pub(crate) const TRUSTED_ENVIRONMENT: u8 = 1;
pub(crate) const STRONG_BOX: u8 = 2;

/// `KeyDescription`.
pub(crate) struct Description {
    pub(crate) security_level: u8,
    pub(crate) challenge: Vec<u8>,
    /// `AuthorizationList`s, of fields in DER.
    pub(crate) software_enforced: Vec<Vec<u8>>,
    pub(crate) tee_enforced: Vec<Vec<u8>>,
    /// Behind its last member, and behind all of it.
    pub(crate) more: Vec<u8>,
    pub(crate) rest: Vec<u8>,
}

impl Description {
    pub(crate) fn new(client_hash: &[u8]) -> Self {
        Description {
            security_level: TRUSTED_ENVIRONMENT,
            challenge: client_hash.to_vec(),
            software_enforced: Vec::new(),
            tee_enforced: vec![purpose(&[SIGN]), origin(GENERATED)],
            more: Vec::new(),
            rest: Vec::new(),
        }
    }

    pub(crate) fn extension(&self) -> CustomExtension {
        let level = der(ENUMERATED, &[&[self.security_level]]);
        let mut content = der(
            SEQUENCE,
            &[
                &der(INTEGER, &[&[0x01, 0x2c]]),
                &level,
                &der(INTEGER, &[&[0x01, 0x2c]]),
                &level,
                &der(OCTETS, &[&self.challenge]),
                &der(OCTETS, &[]),
                &der(SEQUENCE, &[&self.software_enforced.concat()]),
                &der(SEQUENCE, &[&self.tee_enforced.concat()]),
                &self.more,
            ],
        );
        content.extend(&self.rest);
        extension(content)
    }
}

/// The extension, whatever is in it.
pub(crate) fn extension(content: Vec<u8>) -> CustomExtension {
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 11129, 2, 1, 17], content)
}

pub(crate) fn purpose(all: &[u8]) -> Vec<u8> {
    let all: Vec<u8> = all.iter().flat_map(|one| der(INTEGER, &[&[*one]])).collect();
    der(&[0xa1], &[&der(SET, &[&all])])
}

/// Field 702.
pub(crate) fn origin(one: u8) -> Vec<u8> {
    der(&[0xbf, 0x85, 0x3e], &[&der(INTEGER, &[&[one]])])
}

/// Field 600.
pub(crate) fn all_applications() -> Vec<u8> {
    der(&[0xbf, 0x84, 0x58], &[&der(&[0x05], &[])])
}

/// Field 3, of which nothing is wanted.
pub(crate) fn key_size() -> Vec<u8> {
    der(&[0xa3], &[&der(INTEGER, &[&[0x01, 0x00]])])
}
