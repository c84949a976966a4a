//! Tests the delivery settings of a group before they are stored (codes 25 and 27), outside any transaction and within five seconds.
//!
//! What can be known at once is tested: an SMTP server takes the connection and, without implicit TLS, greets with 220 (RFC 5321 3.1); a directory
//! exists; the local program is a file. Logging in and sending are left to the delivery, which sees them fail and says so. Settings of another
//! method than the chosen one are stored untested. SMTP servers at loopback, private and link-local addresses are refused unless
//! `outgoing.allow_private` is set, so that a group does not map the network behind this server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::domain::user_groups::GroupDelivery;
use crate::model::states::SendMethod;

/// A test takes no longer, whatever the group's own time-out is.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether mail could leave by these settings, as far as can be told now.
pub async fn passes(delivery: &GroupDelivery, allow_private: bool) -> bool {
    match delivery.method {
        // The server's own transport; PHP's mail function is taken for that too.
        SendMethod::System | SendMethod::PhpMail => true,
        SendMethod::Smtp => smtp_answers(delivery, allow_private).await,
        SendMethod::LocalMta => {
            // The path may carry arguments, as sendmail's usually does.
            let program = delivery.local_mta_path.split_whitespace().next().unwrap_or_default();
            tokio::fs::metadata(program).await.is_ok_and(|found| found.is_file())
        }
        SendMethod::PowerMta => is_directory(&delivery.powermta_dir).await,
        SendMethod::SaveToDisk => is_directory(&delivery.save_to_disk_dir).await,
    }
}

async fn is_directory(path: &str) -> bool {
    tokio::fs::metadata(path).await.is_ok_and(|found| found.is_dir())
}

async fn smtp_answers(delivery: &GroupDelivery, allow_private: bool) -> bool {
    let Ok(port) = u16::try_from(delivery.smtp_port) else { return false };
    let seconds = u64::try_from(delivery.smtp_timeout_seconds).ok().filter(|seconds| *seconds > 0);
    let patience = PATIENCE.min(seconds.map_or(PATIENCE, Duration::from_secs));
    let greets = delivery.smtp_security != "ssl";
    timeout(patience, connects(&delivery.smtp_host, port, greets, allow_private)).await.unwrap_or(false)
}

async fn connects(host: &str, port: u16, greets: bool, allow_private: bool) -> bool {
    let Ok(found) = lookup_host((host, port)).await else { return false };
    let addresses: Vec<SocketAddr> = found.filter(|address| allow_private || is_public(address.ip())).collect();
    // The very addresses that were looked at are connected to, so that a second answer of the name server changes nothing.
    for address in addresses {
        let Ok(mut stream) = TcpStream::connect(address).await else { continue };
        if !greets {
            return true;
        }
        let mut greeting = [0; 3];
        if stream.read_exact(&mut greeting).await.is_ok() {
            return greeting == *b"220";
        }
    }
    false
}

/// Whether an address is of the open internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public_v4(v4),
            // 2000::/3 is what is given out (RFC 4291 2.4); 2002::/16 and 64:ff9b::/96 would lead back to IPv4.
            None => v6.segments()[0] & 0xe000 == 0x2000 && v6.segments()[0] != 0x2002,
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [first, second, ..] = ip.octets();
    let is_shared = first == 100 && (64..128).contains(&second);
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || is_shared
        || first == 0
        || first >= 240)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(method: SendMethod) -> GroupDelivery {
        GroupDelivery {
            method,
            save_to_disk_dir: String::new(),
            powermta_vmta: String::new(),
            powermta_dir: String::new(),
            local_mta_path: String::new(),
            smtp_host: "127.0.0.1".to_owned(),
            smtp_port: 25,
            smtp_security: String::new(),
            smtp_timeout_seconds: 2,
            smtp_auth: false,
            smtp_username: String::new(),
            smtp_password: String::new(),
        }
    }

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "2002:a00:1::",
        ] {
            assert!(!is_public(private.parse().expect("address")), "{private}");
        }
        for public in ["8.8.8.8", "2001:4860:4860::8888"] {
            assert!(is_public(public.parse().expect("address")), "{public}");
        }
    }

    #[tokio::test]
    async fn an_smtp_server_must_greet_and_be_allowed() {
        use tokio::io::AsyncWriteExt;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("port");
        let port = listener.local_addr().expect("address").port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                drop(stream.write_all(b"220 ready\r\n").await);
            }
        });
        let good = GroupDelivery { smtp_port: i64::from(port), ..delivery(SendMethod::Smtp) };
        assert!(passes(&good, true).await);
        assert!(!passes(&good, false).await);
        assert!(!passes(&GroupDelivery { smtp_port: 99_999, ..good }, true).await);
    }

    #[tokio::test]
    async fn a_directory_must_exist() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().display().to_string();
        let good = GroupDelivery { save_to_disk_dir: path.clone(), ..delivery(SendMethod::SaveToDisk) };
        assert!(passes(&good, false).await);
        assert!(!passes(&GroupDelivery { save_to_disk_dir: format!("{path}/none"), ..good }, false).await);
        assert!(!passes(&delivery(SendMethod::LocalMta), false).await);
        assert!(passes(&delivery(SendMethod::System), false).await);
    }
}
