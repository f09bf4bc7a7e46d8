Feature: How near a verdict is to another one
  A number may have been met or missed by little, and a physician may want to know what would have to be otherwise.
  The program says how far a number lies from its limit, and which recorded facts would have to be otherwise, if
  the rule file calls them modifiable. It never says what to enter, to change or to stop, and it says nothing of
  medicines, pregnancy, suicidality and drug screens.

  Background:
    Given the index case with everything recorded

  Scenario: An inclusion that is met by little
    When the verdict is looked at
    Then it is ELIGIBLE
    And the screen says that DAS28 ESR is 0.1 above its limit
    And the check of the same person says so in one line

  Scenario: An exclusion that is present by little, and measured again by the protocol
    Given an ALT of 121 U/L with an upper limit of 40
    When the verdict is looked at
    Then it is INELIGIBLE
    And the screen says that ALT is 1 U/L above its limit
    And it says that this is the only bar, by numbers alone
    And it says that the protocol measures again in 2 to 4 weeks, and that all readings stay

  Scenario: What would have to be so
    Given a blood pressure of 164 over 96
    When the verdict is looked at
    Then it is INELIGIBLE
    And BP systolic would have to be below 160 mmHg for the bar to fall
    And for ELIGIBLE both pressures would have to be lower

  Scenario: Nothing modifiable would help, and time alone does
    Given phenelzine, last taken on 2026-11-09
    When the verdict is looked at
    Then it is INELIGIBLE
    And the bar falls by time alone, not before 2026-11-23
    And nobody is told to stop a medicine

  Scenario: A person's answers about suicide are never spoken of
    Given a C-SSRS with a recent behaviour
    When the verdict is looked at
    Then it is INELIGIBLE
    And nothing modifiable would help

  Scenario: What forces a verdict
    Given an ALT of 121 U/L with an upper limit of 40
    When the verdict is looked at
    Then the ALT and its upper limit alone force INELIGIBLE
