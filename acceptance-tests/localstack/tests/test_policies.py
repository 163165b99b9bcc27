"""AWS's managed policies: read once, and yet of each account."""

ARN = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
TRUST = '{"Version": "2012-10-17", "Statement": []}'
OTHER = "444455556666"


def test_each_account_counts_its_own_attachments(client):
    here, there = client("iam"), client("iam", account_id=OTHER)
    here.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)
    here.attach_role_policy(RoleName="reader", PolicyArn=ARN)
    counts = [iam.get_policy(PolicyArn=ARN)["Policy"]["AttachmentCount"] for iam in (here, there)]
    assert counts == [1, 0]
    pages = there.get_paginator("list_policies").paginate(Scope="AWS")
    assert sum(len(page["Policies"]) for page in pages) > 1000
