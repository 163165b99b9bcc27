"""An AWS account as a user would already have it, made with boto3: two ECS clusters with a running Fargate service
each, a topic with a queue behind it, a bucket.

Nothing of GuardDuty is in it: that is the example's part.
"""

import os
import time
from dataclasses import dataclass, field
from typing import Any

import boto3

ACCOUNT = "111122223333"
REGION = "us-east-1"
CLUSTERS = ("prod", "other")
RUNNING_WITHIN_SECONDS = 30

# A person's own AWS settings must not reach the demo.
FOREIGN_SETTINGS = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CA_BUNDLE",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)


def environment(endpoint: str) -> dict[str, str]:
    """The environment in which every AWS client reaches the account at `endpoint`, and nothing else."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in FOREIGN_SETTINGS and not name.startswith(("AWS_ENDPOINT_URL", "TF_"))
    }
    return kept | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": ACCOUNT,  # LocalStack takes a key of twelve digits for the account's number
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


@dataclass
class Account:
    """The account's clients, and the names of what `furnish` made."""

    endpoint: str
    topic_arn: str = ""
    queue_url: str = ""
    bucket: str = ""
    cluster_arns: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="test",
        )

    def furnish(self) -> None:
        """Makes all of it, and waits until each cluster has a running task."""
        self._make_clusters()
        self._make_topic_and_queue()
        self.bucket = f"security-{ACCOUNT}"
        self.client("s3").create_bucket(Bucket=self.bucket)
        for cluster in CLUSTERS:
            self._wait_for_task(cluster)

    def tasks(self, cluster: str) -> list[dict[str, Any]]:
        """The tasks of a cluster that are meant to run."""
        ecs = self.client("ecs")
        arns = ecs.list_tasks(cluster=cluster)["taskArns"]
        return ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []

    def task(self, cluster: str, arn: str) -> dict[str, Any]:
        """One task as ECS describes it, stopped or not."""
        [task] = self.client("ecs").describe_tasks(cluster=cluster, tasks=[arn])["tasks"]
        return task

    def _make_clusters(self) -> None:
        ecs = self.client("ecs")
        ecs.register_task_definition(
            family="web",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            executionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/ecsTaskExecutionRole",
            containerDefinitions=[{"name": "web", "image": "public.ecr.aws/nginx/nginx:stable", "essential": True}],
        )
        subnets = self.client("ec2").describe_subnets()["Subnets"]
        network = {"awsvpcConfiguration": {"subnets": [subnets[0]["SubnetId"]]}}
        for cluster in CLUSTERS:
            made = ecs.create_cluster(clusterName=cluster, tags=[{"key": "team", "value": "web"}])
            self.cluster_arns[cluster] = made["cluster"]["clusterArn"]
            ecs.create_service(
                cluster=cluster,
                serviceName="web",
                taskDefinition="web",
                desiredCount=1,
                launchType="FARGATE",
                networkConfiguration=network,
            )

    def _make_topic_and_queue(self) -> None:
        sns, sqs = self.client("sns"), self.client("sqs")
        self.topic_arn = sns.create_topic(Name="security-alerts")["TopicArn"]
        self.queue_url = sqs.create_queue(QueueName="security-inbox")["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=["QueueArn"])
        sns.subscribe(
            TopicArn=self.topic_arn,
            Protocol="sqs",
            Endpoint=queue["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )

    def _wait_for_task(self, cluster: str) -> None:
        deadline = time.monotonic() + RUNNING_WITHIN_SECONDS
        while not any(task["lastStatus"] == "RUNNING" for task in self.tasks(cluster)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no task of cluster {cluster} was running within {RUNNING_WITHIN_SECONDS} s")
            time.sleep(0.2)
