Feature: Rules that are proved
  A rule author sees what his rules say of every record, before anybody is screened, and what a new edition changes.

  Scenario: A limit that lets everybody through is told
    Given a new protocol "my-trial"
    And the limit "> 5 'mmol/L'" also lets in "<= 5 'mmol/L'"
    When the rules are analysed
    Then the author reads "EXC01 decided although UNKNOWN"
    And a fault was found

  Scenario: The editions of a family part at a person
    When "fibromyalgia-acr-2010" is held against "fibromyalgia-acr-2016"
    Then the author reads "WPI 3, SSS 9 was yes, now no"
