"""Letters as mail servers send them back: of the kinds that Postfix, Exchange and others write, addresses
invented.
"""

from __future__ import annotations

ORIGINAL = "<0f1e2d3c4b5a69788796a5b4c3d2e1f0@tinh.example.vn>"

POSTFIX = f"""\
Return-Path: <>
Date: Mon,  2 Mar 2026 15:30:11 +0700 (+07)
From: MAILER-DAEMON@mail.tinh.example.vn (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: bophieu@tinh.example.vn
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4XYZ12345.1772440211/mail.tinh.example.vn"
Content-Transfer-Encoding: 8bit
Message-Id: <20260302083011.4XYZ67890@mail.tinh.example.vn>

This is a MIME-encapsulated message.

--4XYZ12345.1772440211/mail.tinh.example.vn
Content-Description: Notification
Content-Type: text/plain; charset=utf-8

This is the mail system at host mail.tinh.example.vn.

<voter7@huyen.example.vn>: host mx.huyen.example.vn[192.0.2.25] said: 550 5.1.1
    <voter7@huyen.example.vn>: Recipient address rejected: User unknown in
    virtual mailbox table (in reply to RCPT TO command)

--4XYZ12345.1772440211/mail.tinh.example.vn
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.tinh.example.vn
X-Postfix-Queue-ID: 4XYZ12345
X-Postfix-Sender: rfc822; bophieu@tinh.example.vn
Arrival-Date: Mon,  2 Mar 2026 15:30:09 +0700 (+07)

Final-Recipient: rfc822; voter7@huyen.example.vn
Original-Recipient: rfc822;voter7@huyen.example.vn
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.huyen.example.vn
Diagnostic-Code: smtp; 550 5.1.1 <voter7@huyen.example.vn>: Recipient address
    rejected: User unknown in virtual mailbox table

--4XYZ12345.1772440211/mail.tinh.example.vn
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers
Content-Transfer-Encoding: 8bit

Return-Path: <bophieu@tinh.example.vn>
From: =?utf-8?b?VOG7lSBraeG7g20gcGhp4bq/dQ==?=
 <bophieu@tinh.example.vn>
To: voter7@huyen.example.vn
Subject: =?utf-8?b?TeG7nWkgYuG7jyBwaGnhur91?=
Message-ID: {ORIGINAL}
Auto-Submitted: auto-generated

--4XYZ12345.1772440211/mail.tinh.example.vn--
"""

EXCHANGE = f"""\
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@so.example.vn>
To: <bophieu@tinh.example.vn>
Date: Mon, 2 Mar 2026 08:31:02 +0000
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="a1b2c3d4-e5f6-4711-8899-aabbccddeeff"
Content-Language: en-GB
Message-ID: <9e8d7c6b@EXCH01.so.example.vn>
In-Reply-To: {ORIGINAL}
References: {ORIGINAL}
Subject: Undeliverable: =?utf-8?B?TeG7nWkgYuG7jyBwaGnhur91?=
Auto-Submitted: auto-replied
MIME-Version: 1.0

--a1b2c3d4-e5f6-4711-8899-aabbccddeeff
Content-Type: multipart/alternative; differences=Content-Type;
\tboundary="0a0b0c0d-1111-2222-3333-444455556666"

--0a0b0c0d-1111-2222-3333-444455556666
Content-Type: text/plain; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

Delivery has failed to these recipients or groups:

--0a0b0c0d-1111-2222-3333-444455556666
Content-Type: text/html; charset="us-ascii"
Content-Transfer-Encoding: quoted-printable

<html><body><p>Delivery has failed.</p></body></html>

--0a0b0c0d-1111-2222-3333-444455556666--

--a1b2c3d4-e5f6-4711-8899-aabbccddeeff
Content-Type: message/delivery-status

Reporting-MTA: dns;EXCH01.so.example.vn
Received-From-MTA: dns;mail.tinh.example.vn
Arrival-Date: Mon, 2 Mar 2026 08:31:00 +0000

Final-Recipient: RFC822;voter8@so.example.vn
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient
 voter8@so.example.vn not found by SMTP address lookup
X-Display-Name: voter8@so.example.vn


--a1b2c3d4-e5f6-4711-8899-aabbccddeeff
Content-Type: message/rfc822

Received: from mail.tinh.example.vn (192.0.2.1) by EXCH01.so.example.vn
From: <bophieu@tinh.example.vn>
To: <voter8@so.example.vn>
Subject: =?utf-8?b?TeG7nWkgYuG7jyBwaGnhur91?=
Message-ID:
 {ORIGINAL}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

--a1b2c3d4-e5f6-4711-8899-aabbccddeeff--
"""


def report(
    *blocks: str, returned: str = f"Message-ID: {ORIGINAL}\n", kind: str = "text/rfc822-headers"
) -> str:
    """A short report with these recipients' blocks and this part of the original."""
    parts = ["Content-Type: text/plain\n\nSorry.\n"]
    parts.append(
        "Content-Type: message/delivery-status\n\n" + "\n".join(["Reporting-MTA: dns; mx\n", *blocks])
    )
    parts.append(f"Content-Type: {kind}\n\n{returned}")
    return (
        "From: MAILER-DAEMON@mx.example.vn\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=B\n\n"
        + "".join(f"--B\n{part}\n" for part in parts)
        + "--B--\n"
    )


def block(
    recipient: str = "voter9@example.vn", action: str = "failed", status: str = "5.0.0", more: str = ""
) -> str:
    """One recipient's block of a report."""
    return f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n{more}"


DELAYED = report(block(action="delayed", status="4.4.1"))
EXPIRED = report(
    block("voter10@example.vn", status="4.4.1", more="Diagnostic-Code: X-Postfix; connection timed out\n")
)
DELIVERED = report(block(action="delivered", status="2.0.0"))

ABSENT = """\
From: voter1@example.vn
To: bophieu@tinh.example.vn
Subject: Out of office
Auto-Submitted: auto-replied
Content-Type: text/plain; charset=utf-8

Action: failed
Final-Recipient: rfc822; voter1@example.vn
"""

QMAIL = f"""\
From: MAILER-DAEMON@cu.example.vn
To: bophieu@tinh.example.vn
Subject: failure notice

Hi. This is the qmail-send program at cu.example.vn.

<voter3@cu.example.vn>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Message-ID: {ORIGINAL}
"""

FORWARDED = "From: a@example.vn\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n" + POSTFIX
