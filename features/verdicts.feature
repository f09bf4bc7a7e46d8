Feature: Four verdicts, every reason
  A clinician sees what speaks against, what is to be reviewed, and what is to be obtained.

  Background:
    Given the protocol "ketamine-ra-fm" on 2026-11-22
    And the completed index case

  Scenario: A positive pregnancy test decides, whatever else is missing
    Given "Pregnant" is recorded as "TRUE"
    But "GGT" was not recorded
    When she is screened
    Then the verdict is INELIGIBLE
    And criterion SPR01 speaks against her
    And "GGT" is still to be obtained

  Scenario: A relative contraindication is for a person to look at
    Given "Lamotrigine" is recorded as "TRUE"
    When she is screened
    Then the verdict is REVIEW
    And criterion SMD07 is to be reviewed

  Scenario: Consent that is not yet signed is arranged first
    Given "Consent Signed" is recorded as "FALSE"
    When she is screened
    Then the verdict is UNDETERMINED

  Scenario: One very high reading cannot wait for the second
    Given one blood pressure reading of 192 over 104 on 2026-11-22
    When she is screened
    Then the verdict is UNDETERMINED
    And the alert of SCV01C is shown

  Scenario: Evidence dated after the as-of date does not exist yet
    Given "Pregnant" is recorded as "TRUE" on 2026-12-24
    When she is screened
    Then the verdict is ELIGIBLE
    And a notice says that something is dated after the as-of date

  Scenario: A safety answer comes before anything else
    Given "C-SSRS Item 4 or 5" is recorded as "TRUE"
    When she is screened
    Then the verdict is INELIGIBLE
    And criterion SPS06A speaks against her
    And the alert of SPS06A is shown

  Scenario: A wash-out that is not over
    Given "MAO Inhibitor" is recorded as "TRUE"
    And "MAO Inhibitor Ongoing" is recorded as "FALSE"
    And "MAO Inhibitor Last Dose" is recorded as "@2026-11-09"
    When she is screened
    Then the verdict is INELIGIBLE
    And criterion SMD02 speaks against her

  Scenario: The same wash-out on day 14
    Given "MAO Inhibitor" is recorded as "TRUE"
    And "MAO Inhibitor Ongoing" is recorded as "FALSE"
    And "MAO Inhibitor Last Dose" is recorded as "@2026-11-08"
    When she is screened
    Then the verdict is ELIGIBLE
