//! EKS and Auto Scaling: sizes, updates and what refuses them.

use serde_json::{Value, json};

use super::probe::Probe;

const WORLD: &str = r#"
[[cluster]]
site = "a"
name = "c"
[[eks_cluster]]
account = "111111111111"
region = "us-east-1"
name = "prod"
site = "a"
cluster = "c"
node_group = [{ name = "workers", min = 2, desired = 2, max = 4, nodes = { count = 0, prefix = "w", capacity = { cpu = "8" } } }]
[[auto_scaling_group]]
account = "111111111111"
region = "us-east-1"
name = "plain"
min = 1
desired = 2
max = 3
"#;

#[test]
fn an_update_of_a_node_group_takes_its_time_and_is_checked() {
    let mut probe = Probe::new(WORLD);
    let path = "/clusters/prod/node-groups/workers";
    let json = |text: &str| -> Value { serde_json::from_str(text).unwrap() };
    let size = |sizes: Value| json!({ "scalingConfig": sizes }).to_string();
    let update = format!("{path}/update-config");
    for (sizes, said) in [
        (
            json!({ "minSize": 3 }),
            "Minimum capacity 3 can't be greater than desired size 2",
        ),
        (
            json!({ "desiredSize": 9 }),
            "desired capacity 9 can't be greater than max size 4",
        ),
        (
            json!({ "minSize": 5, "desiredSize": 5 }),
            "minimum capacity 5 can't be greater than max size 4",
        ),
    ] {
        let seen = probe.send("eks", "POST", &update, &size(sizes));
        assert_eq!(seen.status, 400);
        assert!(seen.text.contains(said), "{}", seen.text);
    }
    let seen = probe.send(
        "eks",
        "POST",
        &update,
        &size(json!({ "minSize": 3, "desiredSize": 4 })),
    );
    assert_eq!(seen.status, 200, "{}", seen.text);
    let id = json(&seen.text)["update"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(json(&seen.text)["update"]["status"], "InProgress");
    assert_eq!(
        json(&probe.send("eks", "GET", path, "").text)["nodegroup"]["status"],
        "UPDATING"
    );
    let again = probe.send("eks", "POST", &update, &size(json!({ "minSize": 3 })));
    assert_eq!(again.status, 409);
    assert!(
        again.text.contains("ResourceInUseException"),
        "{}",
        again.text
    );
    probe.wait(5000);
    let look = format!("/clusters/prod/updates/{id}?nodegroupName=workers");
    assert_eq!(
        json(&probe.send("eks", "GET", &look, "").text)["update"]["status"],
        "Successful"
    );
    let group = json(&probe.send("eks", "GET", path, "").text);
    assert_eq!(
        group["nodegroup"]["scalingConfig"],
        json!({ "minSize": 3, "desiredSize": 4, "maxSize": 4 })
    );
    assert_eq!(probe.send("eks", "GET", "/clusters/none", "").status, 404);
}

#[test]
fn a_group_moves_its_size_into_its_bounds() {
    let mut probe = Probe::new(WORLD);
    let call = |probe: &mut Probe, action: &str, rest: &str| {
        let body = format!("Action={action}&Version=2011-01-01&{rest}");
        probe.send("autoscaling", "POST", "/", &body)
    };
    let all = call(&mut probe, "DescribeAutoScalingGroups", "MaxRecords=1");
    assert!(all.text.contains("eks:nodegroup-name"), "{}", all.text);
    let next = format!("NextToken={}", all.find("NextToken"));
    assert_eq!(
        call(&mut probe, "DescribeAutoScalingGroups", &next).find("AutoScalingGroupName"),
        "plain"
    );
    let name = "AutoScalingGroupName=plain";
    let done = call(
        &mut probe,
        "UpdateAutoScalingGroup",
        &format!("{name}&MinSize=3&MaxSize=6"),
    );
    assert_eq!(done.status, 200, "{}", done.text);
    let look = call(
        &mut probe,
        "DescribeAutoScalingGroups",
        "AutoScalingGroupNames.member.1=plain",
    );
    assert_eq!(look.find("DesiredCapacity"), "3");
    for rest in ["MinSize=7", "DesiredCapacity=9", "DesiredCapacity=1"] {
        let refused = call(
            &mut probe,
            "UpdateAutoScalingGroup",
            &format!("{name}&{rest}"),
        );
        assert_eq!(refused.find("Code"), "ValidationError", "{rest}");
    }
}
