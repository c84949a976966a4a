//! Sender domains and the keys that sign their mail: made here, published by the domain's owner, then used, replaced and switched off (ML-2.5).

use crate::domain::access::Denied;
use crate::domain::cx::Ctx;
use crate::model::ids::AccountId;
use crate::model::states::{SenderKeyState, SigningAlgorithm};
use crate::model::time::UtcTime;
use crate::store::StoreError;
use crate::store::rows::sender_domains::{NewSenderKeyRow, SenderKeyRow};

/// A text in a DNS record has no more octets (RFC 1035 3.3).
const DNS_TEXT: usize = 255;
/// Longest selector: a DNS label.
const LONGEST_LABEL: usize = 63;

/// A key as the layers above see it.
pub type SenderKey = SenderKeyRow;

/// Both halves of a new key, each in base64.
pub struct KeyPair {
    /// How it signs.
    pub algorithm: SigningAlgorithm,
    /// PKCS #8.
    pub private_key: String,
    /// As it stands in DNS.
    pub public_key: String,
}

/// Why a key was not kept, found or changed.
#[derive(Debug, thiserror::Error)]
pub enum SenderDomainError {
    /// Not a domain name in ASCII with a dot in it.
    #[error("{0:?} is no domain name")]
    BadDomain(String),
    /// Not a DNS label.
    #[error("{0:?} is no selector: letters, digits and hyphens")]
    BadSelector(String),
    /// The domain has or had a key under this selector.
    #[error("selector {0} is taken")]
    Taken(String),
    /// No such account.
    #[error("no account {0}")]
    NoAccount(AccountId),
    /// The domain has no key that could be meant.
    #[error("{0} has no such key")]
    NoKey(String),
    /// Ed25519 signs only beside RSA, because many receivers do not know it (RFC 8463).
    #[error("{0} needs an RSA key first: few receivers know Ed25519")]
    NeedsRsa(String),
    /// See [`Denied`].
    #[error(transparent)]
    Denied(#[from] Denied),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps a key for a domain; it waits for its DNS record. Without a selector, one is made of the date.
///
/// # Errors
/// [`SenderDomainError`].
pub fn create(
    cx: &mut Ctx<'_>,
    domain: &str,
    account: AccountId,
    selector: Option<&str>,
    pair: KeyPair,
) -> Result<SenderKey, SenderDomainError> {
    cx.administrator()?;
    let domain = checked_domain(domain)?;
    if account != AccountId::NONE && cx.tx.find_account(account)?.is_none() {
        return Err(SenderDomainError::NoAccount(account));
    }
    let known = cx.tx.list_sender_keys_of(std::slice::from_ref(&domain))?;
    if pair.algorithm == SigningAlgorithm::Ed25519
        && !known.iter().any(|key| key.algorithm == SigningAlgorithm::RsaSha256 && is_current(key))
    {
        return Err(SenderDomainError::NeedsRsa(domain));
    }
    let is_taken = |selector: &str| known.iter().any(|key| key.selector == selector);
    let selector = match selector {
        Some(selector) => checked_selector(selector)?,
        None => free_selector(cx.now, pair.algorithm, is_taken),
    };
    if is_taken(&selector) {
        return Err(SenderDomainError::Taken(selector));
    }
    let row = NewSenderKeyRow {
        account_id: account,
        domain,
        selector,
        algorithm: pair.algorithm,
        private_key: pair.private_key,
        public_key: pair.public_key,
        state: SenderKeyState::Waiting,
        created_at: cx.now,
        changed_at: cx.now,
    };
    let id = cx.tx.insert_sender_key(&row)?;
    let keys = cx.tx.list_sender_keys_of(std::slice::from_ref(&row.domain))?;
    keys.into_iter().find(|key| key.id == id).ok_or(SenderDomainError::NoKey(row.domain))
}

/// Every key, by domain and age.
///
/// # Errors
/// [`SenderDomainError`].
pub fn list(cx: &mut Ctx<'_>) -> Result<Vec<SenderKey>, SenderDomainError> {
    cx.administrator()?;
    Ok(cx.tx.list_sender_keys()?)
}

/// The keys of a domain, oldest first.
///
/// # Errors
/// [`SenderDomainError`].
pub fn of_domain(cx: &mut Ctx<'_>, domain: &str) -> Result<Vec<SenderKey>, SenderDomainError> {
    cx.administrator()?;
    let domain = checked_domain(domain)?;
    let keys = cx.tx.list_sender_keys_of(std::slice::from_ref(&domain))?;
    if keys.is_empty() { Err(SenderDomainError::NoKey(domain)) } else { Ok(keys) }
}

/// Has the keys of a domain that wait sign from now on, in the places of those that signed, which retire: two selectors stand in DNS meanwhile.
///
/// # Errors
/// [`SenderDomainError`].
pub fn enable(cx: &mut Ctx<'_>, domain: &str) -> Result<Vec<SenderKey>, SenderDomainError> {
    let keys = of_domain(cx, domain)?;
    let waiting: Vec<&SenderKey> = keys.iter().filter(|key| key.state == SenderKeyState::Waiting).collect();
    if waiting.is_empty() {
        return Err(SenderDomainError::NoKey(domain.to_owned()));
    }
    for new in &waiting {
        let is_replaced = |old: &&SenderKey| {
            old.state == SenderKeyState::Signing && old.algorithm == new.algorithm && old.account_id == new.account_id
        };
        for old in keys.iter().filter(is_replaced) {
            cx.tx.set_sender_key_state(old.id, SenderKeyState::Retired, cx.now)?;
        }
    }
    // Of several that wait for one place, the youngest gets it.
    for (place, key) in waiting.iter().enumerate() {
        let is_older = waiting[place + 1..]
            .iter()
            .any(|other| other.algorithm == key.algorithm && other.account_id == key.account_id);
        let state = if is_older { SenderKeyState::Disabled } else { SenderKeyState::Signing };
        cx.tx.set_sender_key_state(key.id, state, cx.now)?;
    }
    of_domain(cx, domain)
}

/// What a new key takes the place of: the account and algorithm of the RSA key that signs for a domain.
///
/// # Errors
/// [`SenderDomainError::NoKey`] when none signs.
pub fn to_rotate(cx: &mut Ctx<'_>, domain: &str) -> Result<Vec<SenderKey>, SenderDomainError> {
    let mut keys = of_domain(cx, domain)?;
    keys.retain(|key| key.state == SenderKeyState::Signing);
    if keys.is_empty() { Err(SenderDomainError::NoKey(domain.to_owned())) } else { Ok(keys) }
}

/// Switches every key of a domain off: its mail goes unsigned.
///
/// # Errors
/// [`SenderDomainError`].
pub fn disable(cx: &mut Ctx<'_>, domain: &str) -> Result<(), SenderDomainError> {
    for key in of_domain(cx, domain)? {
        if key.state != SenderKeyState::Disabled {
            cx.tx.set_sender_key_state(key.id, SenderKeyState::Disabled, cx.now)?;
        }
    }
    Ok(())
}

/// The keys that sign mail of this account from this domain: those of the domain itself, or of the nearest one above it, which passes for the
/// `From` as well (RFC 7489 3.1.1). Those of the account come before everybody's.
///
/// # Errors
/// [`SenderDomainError`].
pub fn signing(cx: &mut Ctx<'_>, domain: &str, account: AccountId) -> Result<Vec<SenderKey>, SenderDomainError> {
    cx.administrator()?;
    let domains = with_parents(domain);
    let mut keys = cx.tx.list_sender_keys_of(&domains)?;
    keys.retain(|key| {
        key.state == SenderKeyState::Signing && (key.account_id == account || key.account_id == AccountId::NONE)
    });
    for domain in &domains {
        for owner in [account, AccountId::NONE] {
            let own = |key: &&SenderKey| key.domain == *domain && key.account_id == owner;
            if keys.iter().any(|key| own(&key)) {
                return Ok(keys.iter().filter(own).cloned().collect());
            }
        }
    }
    Ok(Vec::new())
}

/// The name of a key's DNS record.
#[must_use]
pub fn record_name(key: &SenderKey) -> String {
    format!("{}._domainkey.{}", key.selector, key.domain)
}

/// The texts of a key's TXT record, which name servers join without anything between (RFC 6376 3.6.2.2).
#[must_use]
pub fn record_texts(key: &SenderKey) -> Vec<String> {
    let kind = match key.algorithm {
        SigningAlgorithm::RsaSha256 => "rsa",
        SigningAlgorithm::Ed25519 => "ed25519",
    };
    let record = format!("v=DKIM1; k={kind}; p={}", key.public_key);
    let pieces = record.as_bytes().chunks(DNS_TEXT);
    pieces.map(|piece| String::from_utf8_lossy(piece).into_owned()).collect()
}

/// `a.b.c.example`: itself, `b.c.example`, `c.example`. Top-level domains sign nothing.
fn with_parents(domain: &str) -> Vec<String> {
    let domain = domain.to_ascii_lowercase();
    let parents = std::iter::successors(Some(domain.as_str()), |name| name.split_once('.').map(|(_, rest)| rest));
    parents.filter(|name| name.contains('.')).take(8).map(str::to_owned).collect()
}

fn is_current(key: &SenderKey) -> bool {
    matches!(key.state, SenderKeyState::Waiting | SenderKeyState::Signing)
}

fn checked_domain(domain: &str) -> Result<String, SenderDomainError> {
    let name = domain.trim().trim_end_matches('.').to_ascii_lowercase();
    let is_good = name.len() <= 253 && name.contains('.') && name.split('.').all(is_label);
    if is_good { Ok(name) } else { Err(SenderDomainError::BadDomain(domain.to_owned())) }
}

fn checked_selector(selector: &str) -> Result<String, SenderDomainError> {
    let name = selector.to_ascii_lowercase();
    if is_label(&name) { Ok(name) } else { Err(SenderDomainError::BadSelector(selector.to_owned())) }
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LONGEST_LABEL
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// `us20270131`, with `e` for Ed25519; a letter behind it while that is taken.
fn free_selector(now: UtcTime, algorithm: SigningAlgorithm, is_taken: impl Fn(&str) -> bool) -> String {
    let day = chrono::DateTime::from_timestamp_micros(now.0).unwrap_or_default().format("%Y%m%d");
    let kind = if algorithm == SigningAlgorithm::Ed25519 { "e" } else { "" };
    let first = format!("us{day}{kind}");
    let numbered = (2_u32..).map(|n| format!("{first}-{n}"));
    std::iter::once(first.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Sample;
    use crate::model::ids::SenderKeyId;

    fn pair(algorithm: SigningAlgorithm) -> KeyPair {
        KeyPair { algorithm, private_key: "private".to_owned(), public_key: "public".to_owned() }
    }

    /// What went wrong, or the selectors that sign.
    async fn run<T: Send + 'static>(
        sample: &Sample,
        work: impl FnOnce(&mut Ctx<'_>) -> Result<T, SenderDomainError> + Send + 'static,
    ) -> Result<T, String> {
        sample.write(move |cx| Ok(work(cx).map_err(|error| error.to_string()))).await.expect("store")
    }

    async fn selectors(sample: &Sample, domain: &'static str, account: AccountId) -> Vec<String> {
        let keys = run(sample, move |cx| signing(cx, domain, account)).await.expect("keys");
        keys.into_iter().map(|key| key.selector).collect()
    }

    #[tokio::test]
    async fn a_key_signs_once_enabled_and_retires_when_its_successor_does() {
        let sample = Sample::open().await;
        let rsa = || pair(SigningAlgorithm::RsaSha256);
        let made =
            run(&sample, move |cx| create(cx, "Example.ORG.", AccountId::NONE, Some("one"), rsa())).await.expect("key");
        assert_eq!((made.domain.as_str(), made.state), ("example.org", SenderKeyState::Waiting));
        assert_eq!(selectors(&sample, "example.org", sample.account).await, Vec::<String>::new());
        run(&sample, |cx| enable(cx, "example.org")).await.expect("enabled");
        assert_eq!(selectors(&sample, "news.example.org", sample.account).await, ["one"]);
        assert_eq!(selectors(&sample, "example.com", sample.account).await, Vec::<String>::new());

        run(&sample, move |cx| create(cx, "example.org", AccountId::NONE, Some("two"), rsa())).await.expect("key");
        assert_eq!(selectors(&sample, "example.org", sample.account).await, ["one"]);
        let keys = run(&sample, |cx| enable(cx, "example.org")).await.expect("enabled");
        assert_eq!(
            keys.iter().map(|key| key.state).collect::<Vec<_>>(),
            [SenderKeyState::Retired, SenderKeyState::Signing]
        );
        assert_eq!(selectors(&sample, "example.org", sample.account).await, ["two"]);
        run(&sample, |cx| disable(cx, "example.org")).await.expect("disabled");
        assert_eq!(selectors(&sample, "example.org", sample.account).await, Vec::<String>::new());
    }

    #[tokio::test]
    async fn the_nearest_domain_and_the_account_come_first() {
        let sample = Sample::open().await;
        let account = sample.account;
        for (domain, owner, selector) in [
            ("example.org", AccountId::NONE, "all"),
            ("example.org", account, "own"),
            ("news.example.org", AccountId::NONE, "news"),
        ] {
            run(&sample, move |cx| create(cx, domain, owner, Some(selector), pair(SigningAlgorithm::RsaSha256)))
                .await
                .expect("key");
            run(&sample, move |cx| enable(cx, domain)).await.expect("enabled");
        }
        assert_eq!(selectors(&sample, "example.org", account).await, ["own"]);
        assert_eq!(selectors(&sample, "example.org", AccountId(99)).await, ["all"]);
        assert_eq!(selectors(&sample, "a.news.example.org", account).await, ["news"]);
    }

    #[tokio::test]
    async fn what_cannot_be_a_key_is_refused() {
        let sample = Sample::open().await;
        let rsa = || pair(SigningAlgorithm::RsaSha256);
        for (domain, selector, reason) in [
            ("localhost", "a", "no domain name"),
            ("exa mple.org", "a", "no domain name"),
            ("example.org", "a.b", "no selector"),
            ("example.org", "", "no selector"),
        ] {
            let refused = run(&sample, move |cx| create(cx, domain, AccountId::NONE, Some(selector), rsa())).await;
            assert!(refused.expect_err("must be refused").contains(reason), "{domain} {selector}");
        }
        let ed =
            run(&sample, |cx| create(cx, "example.org", AccountId::NONE, None, pair(SigningAlgorithm::Ed25519))).await;
        assert!(ed.expect_err("alone").contains("RSA"));
        run(&sample, move |cx| create(cx, "example.org", AccountId::NONE, Some("a"), rsa())).await.expect("key");
        let twice = run(&sample, move |cx| create(cx, "example.org", AccountId::NONE, Some("A"), rsa())).await;
        assert!(twice.expect_err("twice").contains("taken"));
        let made = run(&sample, |cx| create(cx, "example.org", AccountId::NONE, None, pair(SigningAlgorithm::Ed25519)))
            .await
            .expect("key");
        let next = run(&sample, |cx| create(cx, "example.org", AccountId::NONE, None, pair(SigningAlgorithm::Ed25519)))
            .await
            .expect("key");
        assert!(made.selector.starts_with("us20") && next.selector == format!("{}-2", made.selector));
    }

    #[test]
    fn a_record_is_split_so_that_it_fits_dns() {
        // As long as the public half of an RSA key of 2048 bits.
        let pair = KeyPair { public_key: "M".repeat(392), ..pair(SigningAlgorithm::RsaSha256) };
        let key = SenderKey {
            id: SenderKeyId(1),
            account_id: AccountId::NONE,
            domain: "example.org".to_owned(),
            selector: "s".to_owned(),
            algorithm: pair.algorithm,
            private_key: pair.private_key,
            public_key: pair.public_key,
            state: SenderKeyState::Waiting,
            created_at: UtcTime(0),
            changed_at: UtcTime(0),
        };
        let texts = record_texts(&key);
        assert_eq!(record_name(&key), "s._domainkey.example.org");
        assert!(texts.len() == 2 && texts.iter().all(|text| text.len() <= DNS_TEXT), "{texts:?}");
        assert_eq!(texts.concat(), format!("v=DKIM1; k=rsa; p={}", key.public_key));
        assert!(!format!("{key:?}").contains(&key.private_key));
    }
}
