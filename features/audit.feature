Feature: An outsider can check a verdict
  The certificate of a screening is held against the rules and the record by a program that trusts no engine.

  Background:
    Given the protocol "ketamine-ra-fm" on 2026-11-22
    And the completed index case

  @R5
  Scenario: A certificate is accepted
    When she is screened
    Then her certificate is accepted with the same rules and record

  @R5
  Scenario: A changed verdict is refused
    When she is screened
    And somebody changes the verdict in her certificate to "INELIGIBLE"
    Then her certificate is refused

  Scenario: A certificate does not fit another record
    When she is screened
    Then her certificate is refused with the record of the published index case

  @R6
  Scenario: The same inputs give the same bytes
    When she is screened
    Then a second screening gives the same certificate
