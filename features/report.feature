Feature: A screening, a cohort and a ledger as one page that carries everything with it
  A clinician looks into a verdict criterion by criterion; an auditor keeps the page, prints it, and has it checked by
  a second program, on a machine that is connected to nothing.

  Scenario: A clinician reads why somebody is ruled out
    When the clinician makes the page of a man on phenelzine whose ALT is three times the limit
    Then the page says INELIGIBLE and RULED OUT before anything else
    And it names both exclusions that decide, each with its value, its limit and its source
    And each of 13 criteria unfolds down to the line of its rule file
    And the draft is marked as one, and what a site chose needs its signature

  Scenario: What is missing is never shown as absent
    When the clinician makes the page of the index case as published
    Then the page says UNDETERMINED, and that this is not the same as eligible
    And it says how each missing item is obtained, and what to ask next

  Scenario: An alert is seen first
    When the clinician makes the page of a woman with a blood pressure of 152/122
    Then the alert stands before the verdict, and that nobody has been told

  Scenario: The page needs nothing from outside
    When the clinician makes the page of a man on phenelzine whose ALT is three times the limit
    Then no part of it is fetched from anywhere, and it is for its owner's eyes alone
    And made again, it is the same byte for byte

  Scenario: An auditor brings a certificate that somebody has altered
    Given a certificate in which the verdict was changed
    When the auditor makes its page
    Then it is refused, and no page is written

  Scenario: A coordinator looks through a cohort
    Given a cohort of 24 people and a record that nobody can read
    When the coordinator makes its page
    Then the counts of records, standings and verdicts add up
    And everybody stands there by pseudonym, and nobody by the id of the source

  Scenario: An inspector reads a ledger
    Given a ledger with a review, a decision and a correction
    When the inspector makes its page
    Then every entry stands in order, and the page says that every link holds
    And what was corrected stands beside what was there before
    And the decision of a person stands apart from the verdict of the program

  Scenario: An inspector reads a ledger that was tampered with
    Given a copy of a ledger in which a verdict was changed
    When the inspector makes its page
    Then the page says where it does not hold, and shows nothing after that
