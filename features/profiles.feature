Feature: One person, four profiles
  What one profile has reviewed another one rules out; each change names its source. Nothing that is missing is ever
  read as a no in any of them.

  Scenario Outline: Memantine
    Given the protocol "<profile>" on 2026-11-22
    And the completed index case
    And "NMDA Antagonist" is recorded as "TRUE"
    When she is screened
    Then the verdict is <verdict>

    Examples:
      | profile               | verdict    |
      | ketamine-safety       | REVIEW     |
      | ketamine-guideline    | REVIEW     |
      | ketamine-trial-strict | INELIGIBLE |
      | ketamine-uk-smpc      | REVIEW     |

  Scenario Outline: Ischaemic heart disease
    Given the protocol "<profile>" on 2026-11-22
    And the completed index case
    And "Ischaemic Heart Disease" is recorded as "TRUE"
    When she is screened
    Then the verdict is <verdict>

    Examples:
      | profile               | verdict    |
      | ketamine-safety       | REVIEW     |
      | ketamine-guideline    | REVIEW     |
      | ketamine-trial-strict | REVIEW     |
      | ketamine-uk-smpc      | INELIGIBLE |

  Scenario Outline: Breastfeeding
    Given the protocol "<profile>" on 2026-11-22
    And the completed index case
    And "Breastfeeding" is recorded as "TRUE"
    When she is screened
    Then the verdict is <verdict>

    Examples:
      | profile               | verdict    |
      | ketamine-safety       | INELIGIBLE |
      | ketamine-guideline    | REVIEW     |
      | ketamine-trial-strict | INELIGIBLE |
      | ketamine-uk-smpc      | INELIGIBLE |

  Scenario Outline: A permissive profile is no less careful with what is missing
    Given the protocol "<profile>" on 2026-11-22
    And the completed index case
    But "Psychotic Disorder" was not recorded
    When she is screened
    Then the verdict is <verdict>

    Examples:
      | profile               | verdict      |
      | ketamine-safety       | UNDETERMINED |
      | ketamine-guideline    | REVIEW       |
      | ketamine-trial-strict | UNDETERMINED |
      | ketamine-uk-smpc      | UNDETERMINED |

  Scenario Outline: Nothing is recorded
    Given the protocol "<profile>" on 2026-11-22
    And a person of whom nothing is recorded
    When she is screened
    Then the verdict is UNDETERMINED

    Examples:
      | profile               |
      | ketamine-guideline    |
      | ketamine-trial-strict |
      | ketamine-uk-smpc      |
