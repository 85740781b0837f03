//! What a TPM says of a key (WebAuthn Level 3, section 8.3), by the names that the "TPM 2.0 Library" has for it, part 2.

use aws_lc_rs::signature::KeyPair as _;
use rcgen::{
    CertificateParams, CustomExtension, DistinguishedName, ExtendedKeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use serde_cbor_2::Value;
use sha2::{Digest, Sha256, Sha384};

use super::{Maker, Members, Signed, der};

pub(crate) const GENERATED: u32 = 0xff54_4347;
pub(crate) const ATTEST_CERTIFY: u16 = 0x8017;
pub(crate) const ATTEST_QUOTE: u16 = 0x8018;
pub(crate) const RSA: u16 = 0x0001;
pub(crate) const AES: u16 = 0x0006;
pub(crate) const SHA1: u16 = 0x0004;
pub(crate) const SHA256: u16 = 0x000b;
pub(crate) const SHA384: u16 = 0x000c;
pub(crate) const NULL: u16 = 0x0010;
pub(crate) const RSASSA: u16 = 0x0014;
pub(crate) const ECDSA: u16 = 0x0018;
pub(crate) const ECC: u16 = 0x0023;
pub(crate) const NIST_P256: u16 = 0x0003;
pub(crate) const NIST_P384: u16 = 0x0004;

/// `TPMT_PUBLIC`.
#[derive(Clone)]
pub(crate) struct Public {
    pub(crate) kind: u16,
    pub(crate) name_alg: u16,
    pub(crate) object_attributes: u32,
    pub(crate) auth_policy: Vec<u8>,
    pub(crate) symmetric: u16,
    /// With its hash, if it is one.
    pub(crate) scheme: Vec<u16>,
    /// What is of a kind of key: for elliptic curves the curve and how keys are agreed on.
    pub(crate) parameters: Vec<u8>,
    /// The key: for elliptic curves the two coordinates.
    pub(crate) unique: Vec<Vec<u8>>,
    /// Behind it.
    pub(crate) rest: Vec<u8>,
}

impl Public {
    fn of(point: &[u8]) -> Self {
        let (x, y) = point[1..].split_at(32);
        Public {
            kind: ECC,
            name_alg: SHA256,
            object_attributes: 1 << 18,
            auth_policy: Vec::new(),
            symmetric: NULL,
            scheme: vec![NULL],
            parameters: Public::curve(NIST_P256, NULL),
            unique: vec![x.to_vec(), y.to_vec()],
            rest: Vec::new(),
        }
    }

    pub(crate) fn curve(curve: u16, kdf: u16) -> Vec<u8> {
        [curve.to_be_bytes(), kdf.to_be_bytes()].concat()
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = [self.kind.to_be_bytes(), self.name_alg.to_be_bytes()].concat();
        bytes.extend(self.object_attributes.to_be_bytes());
        bytes.extend(sized(&self.auth_policy));
        bytes.extend(self.symmetric.to_be_bytes());
        bytes.extend(self.scheme.iter().flat_map(|number| number.to_be_bytes()));
        bytes.extend(&self.parameters);
        bytes.extend(self.unique.iter().flat_map(|one| sized(one)));
        bytes.extend(&self.rest);
        bytes
    }

    pub(crate) fn name(&self) -> Vec<u8> {
        self.name_by(self.name_alg)
    }

    /// Its name by SHA-256 or SHA-384, whatever it asks for.
    pub(crate) fn name_by(&self, hash: u16) -> Vec<u8> {
        let bytes = self.bytes();
        let digest =
            if hash == SHA384 { Sha384::digest(bytes).to_vec() } else { Sha256::digest(bytes).to_vec() };
        [&hash.to_be_bytes()[..], &digest].concat()
    }
}

/// `TPMS_ATTEST`.
pub(crate) struct Attest {
    pub(crate) magic: u32,
    pub(crate) kind: u16,
    pub(crate) qualified_signer: Vec<u8>,
    pub(crate) extra_data: Vec<u8>,
    /// That of the public area, if it is not another one's.
    pub(crate) name: Option<Vec<u8>>,
    pub(crate) qualified_name: Vec<u8>,
    /// Behind it.
    pub(crate) rest: Vec<u8>,
}

impl Attest {
    fn bytes(&self, public: &Public) -> Vec<u8> {
        let mut bytes = self.magic.to_be_bytes().to_vec();
        bytes.extend(self.kind.to_be_bytes());
        bytes.extend(sized(&self.qualified_signer));
        bytes.extend(sized(&self.extra_data));
        // `clockInfo`: the clock, how often it was reset and restarted, and whether that is safe.
        bytes.extend([7; 8 + 4 + 4 + 1]);
        // `firmwareVersion`.
        bytes.extend([8; 8]);
        bytes.extend(sized(&self.name.clone().unwrap_or_else(|| public.name())));
        bytes.extend(sized(&self.qualified_name));
        bytes.extend(&self.rest);
        bytes
    }
}

/// What one says, before it is signed.
pub(crate) struct Tpm {
    pub(crate) alg: i128,
    /// By whose key it signs.
    pub(crate) aik: Maker,
    pub(crate) public: Public,
    pub(crate) attest: Attest,
    /// What is signed, if it is not what is sent.
    pub(crate) signs: Option<Vec<u8>>,
}

impl Tpm {
    pub(crate) fn new(signed: &Signed<'_>) -> Self {
        Tpm {
            alg: -7,
            aik: Maker::with(&PKCS_ECDSA_P256_SHA256, for_tpms),
            public: Public::of(signed.own.public_key().as_ref()),
            attest: Attest {
                magic: GENERATED,
                kind: ATTEST_CERTIFY,
                qualified_signer: Vec::new(),
                extra_data: Sha256::digest(signed.packed()).to_vec(),
                name: None,
                qualified_name: Vec::new(),
                rest: Vec::new(),
            },
            signs: None,
        }
    }

    pub(crate) fn members(self) -> Members {
        let (public, info) = (self.public.bytes(), self.attest.bytes(&self.public));
        Members::from([
            ("ver", Value::Text("2.0".to_owned())),
            ("alg", Value::Integer(self.alg)),
            ("x5c", self.aik.chain(&[])),
            ("sig", self.aik.sign(self.signs.as_ref().unwrap_or(&info))),
            ("certInfo", Value::Bytes(info)),
            ("pubArea", Value::Bytes(public)),
        ])
    }
}

fn sized(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}

/// A certificate as section 8.3.1 wants it, by Infineon.
pub(crate) fn for_tpms(params: &mut CertificateParams) {
    params.distinguished_name = DistinguishedName::new();
    params.custom_extensions.push(other_name("id:49465800", true));
    params.extended_key_usages.push(ExtendedKeyUsagePurpose::Other(vec![2, 23, 133, 8, 3]));
}

/// What stands for a subject: whose TPM it is, with its part and firmware.
pub(crate) fn other_name(maker: &str, is_critical: bool) -> CustomExtension {
    parts(&[(1, maker), (2, "SLB 9670"), (3, "id:13")], is_critical)
}

/// The same, of attributes by the last of their numbers.
pub(crate) fn parts(parts: &[(u8, &str)], is_critical: bool) -> CustomExtension {
    let attributes = parts.iter().map(|(number, value)| {
        // 2.23.133.2.*
        let id = der(&[0x06], &[&[0x67, 0x81, 0x05, 0x02, *number]]);
        der(&[0x31], &[&der(&[0x30], &[&id, &der(&[0x0c], &[value.as_bytes()])])])
    });
    let name = der(&[0x30], &[&attributes.collect::<Vec<_>>().concat()]);
    alternative(&der(&[0xa4], &[&name]), is_critical)
}

/// Other names, in DER.
pub(crate) fn alternative(names: &[u8], is_critical: bool) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 17], der(&[0x30], &[names]));
    extension.set_criticality(is_critical);
    extension
}
