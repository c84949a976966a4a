//! Subscribers: joining, confirming, leaving, changing, finding.
