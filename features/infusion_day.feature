Feature: The day of infusion
  Before each session of a series a checklist is gone through. What nobody has recorded today is a hold. The program
  never says go: it says that it found no hold, and the physician orders. It advises no dose.

  Background:
    Given a woman on the day of her third session, with everything asked, measured and arranged

  @R27
  Scenario: Nothing is a hold
    When the checklist is gone through
    Then it says "no hold found"
    And the series does not end
    And it is her session 3, on day 3 of the series
    And the screen says that the physician orders

  Scenario: Breakfast four hours before
    Given she had a light meal at 05:30
    When the checklist is gone through
    Then it says "HOLD"
    And fasting is reached at 11:30

  Scenario: Six hours after breakfast
    Given she had a light meal at 03:30
    When the checklist is gone through
    Then it says "no hold found"

  Scenario: Nobody has measured her blood pressure today
    Given her blood pressure was measured yesterday only
    When the checklist is gone through
    Then it says "HOLD"
    And blood pressure is still to be measured

  Scenario: A blood pressure that a physician looks at
    Given her blood pressure was 152/88 at 08:10, 146/86 at 08:25 and 146/86 at 08:40
    When the checklist is gone through
    Then it says "HOLD"
    And the screen shows row DAY04H with the reading of 146

  Scenario: The physician has looked at it and accepts it
    Given her blood pressure was 152/88 at 08:10, 146/86 at 08:25 and 146/86 at 08:40
    And a physician accepts her blood pressure
    When the checklist is gone through
    Then it says "no hold found"

  Scenario: No physician can accept a pressure that is still too high
    Given her blood pressure was 168/96 at 08:40
    And a physician accepts her blood pressure
    When the checklist is gone through
    Then it says "HOLD"

  Scenario: Too high in a reading and its two repeats
    Given her blood pressure was 168/96 at 08:10, 164/94 at 08:25 and 166/92 at 08:40
    When the checklist is gone through
    Then it says "STOP"
    And the series does not end
    And no new screening is needed

  Scenario: Dangerously high, twice
    Given her blood pressure was 186/112 at 08:25 and 186/112 at 08:40
    When the checklist is gone through
    Then it says "STOP"
    And an alert is shown, and that nobody has been told
    And the series does not end
    And a new screening is needed

  Scenario: The escort has cancelled
    Given "Escort Confirmed" is answered no today
    When the checklist is gone through
    Then it says "HOLD"

  Scenario: A cough without fever, on a drug that hides fever
    Given "Infection Symptoms" is answered yes today
    When the checklist is gone through
    Then it says "HOLD"

  Scenario: A fever
    Given her temperature is 38.0 degrees
    When the checklist is gone through
    Then it says "STOP"
    And the series does not end

  Scenario: Nausea after the last session that has passed
    Given she had nausea for 2 hours after the last session, and it has passed
    When the checklist is gone through
    Then it says "no hold found"

  Scenario: Hallucinations that do not pass
    Given she had psychosis or dissociation for 30 hours after the last session, and it has not passed
    When the checklist is gone through
    Then it says "STOP"
    And the series ends
    And a new screening is needed

  Scenario: The liver test of day 5
    Given her ALT is 130 with an upper limit of 40
    When the checklist is gone through
    Then it says "STOP"
    And the series ends

  Scenario: A raised liver test that is new
    Given her ALT is 62 with an upper limit of 40
    When the checklist is gone through
    Then it says "HOLD"
    And the series does not end

  Scenario: She may be suicidal
    Given "C-SSRS Last Contact Item 4 or 5" is answered yes today
    When the checklist is gone through
    Then it says "STOP"
    And an alert is shown, and that nobody has been told
    And the series ends

  Scenario: Two sessions missed
    Given sessions 1 and 2 were given, 3 and 4 were missed
    When the checklist is gone through
    Then it says "HOLD"

  Scenario: The physician has decided to resume
    Given sessions 1 and 2 were given, 3 and 4 were missed
    And a physician decides to resume the series
    When the checklist is gone through
    Then it says "no hold found"

  Scenario: A gap of fifteen days
    Given the last session was 15 days ago
    When the checklist is gone through
    Then it says "STOP"
    And a new screening is needed

  Scenario: A series that was ended the day before stays ended
    Given the day before was stopped for the liver
    When the checklist is gone through
    Then it says "STOP"
    And the series ends

  Scenario: More is ordered than the protocol allows
    Given an infusion rate of 28 mg/h was ordered for a weight of 80 kg
    When the checklist is gone through
    Then it says "HOLD"
    And the screen names no other rate than the one that was ordered

  Scenario: The verdict of a day does not carry over
    When the checklist is gone through with the same record on the next day
    Then it says "HOLD"

  Scenario: Whoever receives the certificate can check it
    When the checklist is gone through
    Then the certificate is accepted
    But it is refused when somebody writes "HOLD" for "no hold found" or yes for no
