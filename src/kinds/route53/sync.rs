//! Waiting until every DNS server has a change.

use std::time::Duration;

use aws_sdk_route53::types::ChangeStatus;

use crate::cloud::{AwsWriter, CloudError};
use crate::kinds::{Progress, Receipt};

/// How often the status is asked; each question counts against the account's rate.
const POLL: Duration = Duration::from_secs(2);
/// How long propagation usually takes: "generally within 60 seconds" (same rule as below).
pub(in crate::kinds) const USUAL: Duration = Duration::from_mins(1);
/// When waiting ends: propagation is "generally within 60 seconds".
///
/// Rule: <https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html>
const TIMEOUT: Duration = Duration::from_mins(5);

/// Waits until a change is INSYNC and returns since when, or says why that is not known.
pub(in crate::kinds) async fn wait_insync(
    writer: &AwsWriter,
    change_id: &str,
    progress: Progress<'_>,
) -> Result<Receipt, String> {
    let start = writer.reader().now();
    loop {
        let answer = writer
            .reader()
            .route53()
            .get_change()
            .id(change_id)
            .send()
            .await;
        let status = answer
            .map_err(|error| CloudError::of("GetChange", &error).to_string())?
            .change_info()
            .map(|info| info.status().clone());
        let now = writer.reader().now();
        let waited = now.duration_since(start).as_secs();
        if status == Some(ChangeStatus::Insync) {
            return Ok(Receipt {
                effective_at: now,
                change_id: Some(change_id.to_owned()),
            });
        }
        if u64::try_from(waited).unwrap_or(0) >= TIMEOUT.as_secs() {
            return Err(format!(
                "change {change_id} is still PENDING after {waited} s"
            ));
        }
        progress(&format!("change {change_id} is PENDING, {waited} s"));
        writer.reader().sleep(POLL).await;
    }
}
