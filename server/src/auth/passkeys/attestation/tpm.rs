//! What a TPM says of a key that it made (WebAuthn Level 3, section 8.3). Its structures are those of the "TPM 2.0 Library",
//! part 2: numbers begin with their highest byte, and before whatever is of no fixed length are two bytes that say how long it is.
//!
//! The library refuses all of them: it has none of the hashes of `certInfo`, and looks for who made the TPM where no certificate
//! has it. So it is told of none, and all is looked at here.

use crypto_glue::x509::{
    BasicConstraints, Certificate, ExtendedKeyUsage, GeneralName, ObjectIdentifier, SubjectAltName, Version,
    x509_verify_signature,
};
use serde_cbor_2::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};
use webauthn_rs::prelude::{COSEAlgorithm, COSEKey, COSEKeyType, ECDSACurve};

use super::{ES256, ES384, OF_MODEL, RS256, Statement, algorithm, extension};

/// `TPM_GENERATED_VALUE`: with it begins what a TPM has made up itself.
const GENERATED: u32 = 0xff54_4347;
/// `TPM_ST_ATTEST_CERTIFY`: it speaks of another key.
const CERTIFY: u16 = 0x8017;

/// `TPM_ALG_ID`.
const RSA: u16 = 0x0001;
const SHA256: u16 = 0x000b;
const SHA384: u16 = 0x000c;
const SHA512: u16 = 0x000d;
const NULL: u16 = 0x0010;
const RSASSA: u16 = 0x0014;
const ECDSA: u16 = 0x0018;
const ECC: u16 = 0x0023;

/// `TPM_ECC_CURVE`.
const P256: u16 = 0x0003;
const P384: u16 = 0x0004;
const P521: u16 = 0x0005;

/// Of how many bytes these are, which are not looked at: `TPMA_OBJECT`, `TPMS_CLOCK_INFO`, and the version of the firmware.
const ATTRIBUTES: usize = 4;
const CLOCK: usize = 17;
const FIRMWARE: usize = 8;

/// The exponent of a key of RSA that says none.
const EXPONENT: u32 = 65537;

/// What a certificate says that a TPM signs with: who made it, which part it is, and which firmware it has (section 8.3.1, and
/// "TCG EK Credential Profile", section 3.2.9); and that it is for that.
const MAKER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.1");
const PART: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.2");
const VERSION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.2.3");
const FOR_IT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.133.8.3");

/// Whether a statement is as section 8.3 has it, for a key that was made along with it.
pub(super) fn is_right(statement: &Statement, key: &COSEKey) -> bool {
    check(statement, key) == Some(true)
}

fn check(statement: &Statement, key: &COSEKey) -> Option<bool> {
    let is_ours = matches!(statement.get("ver"), Some(Value::Text(version)) if version == "2.0");
    let (public, info) = (statement.bytes("pubArea")?, statement.bytes("certInfo")?);
    let attested = Attested::read(info)?;
    let chain = statement.certificates()?;
    let certificate = chain.first()?;
    let signs = algorithm(certificate);
    let data = [&statement.data[..], &statement.client_hash].concat();
    Some(
        is_ours
            && statement.names(signs)
            && Public::read(public)?.is(key)
            && attested.extra == digest(hash_of(signs?)?, &data)?
            && attested.name == name_of(public)?
            && x509_verify_signature(info, statement.bytes("sig")?, certificate).is_ok()
            && is_for_tpms(certificate)?
            && is_for_model(certificate, statement.model()),
    )
}

/// By which hash an algorithm of COSE signs.
fn hash_of(algorithm: i128) -> Option<u16> {
    match algorithm {
        ES256 | RS256 => Some(SHA256),
        ES384 => Some(SHA384),
        _ => None,
    }
}

fn digest(hash: u16, bytes: &[u8]) -> Option<Vec<u8>> {
    match hash {
        SHA256 => Some(Sha256::digest(bytes).to_vec()),
        SHA384 => Some(Sha384::digest(bytes).to_vec()),
        SHA512 => Some(Sha512::digest(bytes).to_vec()),
        _ => None,
    }
}

/// By which name a TPM knows a public area: the hash that the area asks for, and what it comes to.
fn name_of(public: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader(public);
    let (_, hash) = (reader.number()?, reader.number()?);
    Some([&hash.to_be_bytes()[..], &digest(hash, public)?].concat())
}

/// `TPMT_PUBLIC`: a key, and how it signs, if that was settled as it was made.
struct Public<'a> {
    hash: Option<u16>,
    key: Key<'a>,
}

enum Key<'a> {
    Curve { curve: u16, x: &'a [u8], y: &'a [u8] },
    Rsa { bits: u16, exponent: u32, modulus: &'a [u8] },
}

impl<'a> Public<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let (kind, _name_hash) = (reader.number()?, reader.number()?);
        let _attributes = reader.take(ATTRIBUTES)?;
        let _policy = reader.sized()?;
        // What signs encrypts nothing.
        reader.expect(NULL)?;
        let hash;
        let key = match kind {
            ECC => {
                hash = reader.scheme(ECDSA)?;
                let curve = reader.number()?;
                reader.expect(NULL)?;
                Key::Curve { curve, x: reader.sized()?, y: reader.sized()? }
            }
            RSA => {
                hash = reader.scheme(RSASSA)?;
                Key::Rsa { bits: reader.number()?, exponent: reader.long()?, modulus: reader.sized()? }
            }
            _ => return None,
        };
        reader.is_at_end().then_some(Public { hash, key })
    }

    /// Whether it is this key.
    fn is(&self, key: &COSEKey) -> bool {
        let is_same = match (&self.key, &key.key) {
            (Key::Curve { curve, x, y }, COSEKeyType::EC_EC2(made)) => {
                let of = match made.curve {
                    ECDSACurve::SECP256R1 => P256,
                    ECDSACurve::SECP384R1 => P384,
                    ECDSACurve::SECP521R1 => P521,
                };
                *curve == of && *x == made.x.as_slice() && *y == made.y.as_slice()
            }
            (Key::Rsa { bits, exponent, modulus }, COSEKeyType::RSA(made)) => {
                let [high, middle, low] = made.e;
                let exponent = if *exponent == 0 { EXPONENT } else { *exponent };
                usize::from(*bits) == modulus.len() * 8
                    && exponent == u32::from_be_bytes([0, high, middle, low])
                    && *modulus == made.n.as_slice()
            }
            _ => false,
        };
        let by = match key.type_ {
            COSEAlgorithm::ES256 | COSEAlgorithm::RS256 => Some(SHA256),
            COSEAlgorithm::ES384 => Some(SHA384),
            _ => None,
        };
        is_same && self.hash.is_none_or(|hash| by == Some(hash))
    }
}

/// `TPMS_ATTEST` around a `TPMS_CERTIFY_INFO`: for which data a TPM speaks, and of which key.
struct Attested<'a> {
    extra: &'a [u8],
    name: &'a [u8],
}

impl<'a> Attested<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        if reader.long()? != GENERATED {
            return None;
        }
        reader.expect(CERTIFY)?;
        let _signer = reader.sized()?;
        let extra = reader.sized()?;
        let (_clock, _firmware) = (reader.take(CLOCK)?, reader.take(FIRMWARE)?);
        let (name, _qualified) = (reader.sized()?, reader.sized()?);
        reader.is_at_end().then_some(Attested { extra, name })
    }
}

/// What a TPM has written, from its beginning on.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn long(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let count = self.number()?;
        self.take(count.into())
    }

    fn expect(&mut self, number: u16) -> Option<()> {
        (self.number()? == number).then_some(())
    }

    /// How a key signs: by this scheme with a hash, or as it will be told.
    fn scheme(&mut self, one: u16) -> Option<Option<u16>> {
        match self.number()? {
            NULL => Some(None),
            scheme if scheme == one => Some(Some(self.number()?)),
            _ => None,
        }
    }

    fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }
}

/// Section 8.3.1. Who made the TPM need not be on the list of makers, which goes on; the standard's own vector is by none.
fn is_for_tpms(certificate: &Certificate) -> Option<bool> {
    let certificate = certificate.tbs_certificate();
    // With no subject, the other name has to be looked at (RFC 5280 section 4.2.1.6).
    let (is_critical, names) = certificate.get_extension::<SubjectAltName>().ok()??;
    let attributes = names.0.iter().flat_map(|name| match name {
        GeneralName::DirectoryName(name) => name.iter().collect(),
        _ => Vec::new(),
    });
    let attributes: Vec<_> = attributes.collect();
    let said = |id: ObjectIdentifier| {
        let one = attributes.iter().find(|attribute| attribute.oid == id)?;
        std::str::from_utf8(one.value.value()).ok().filter(|said| !said.is_empty())
    };
    let maker = said(MAKER)?.strip_prefix("id:")?;
    let (_, usage) = certificate.get_extension::<ExtendedKeyUsage>().ok()??;
    let (_, constraints) = certificate.get_extension::<BasicConstraints>().ok()??;
    Some(
        certificate.version() == Version::V3
            && certificate.subject().is_empty()
            && is_critical
            && maker.len() == 8
            && maker.bytes().all(|digit| digit.is_ascii_hexdigit())
            && said(PART).is_some()
            && said(VERSION).is_some()
            && usage.0.contains(&FOR_IT)
            && !constraints.ca,
    )
}

/// A certificate for one kind of device is for no other.
fn is_for_model(certificate: &Certificate, model: &[u8]) -> bool {
    let extensions = certificate.tbs_certificate().extensions();
    let is_there = extensions.is_some_and(|all| all.iter().any(|extension| extension.extn_id == OF_MODEL));
    !is_there || extension(certificate, &OF_MODEL) == Some(&[&[0x04, 0x10], model].concat())
}
