// Every sentence of the booth in English. A test compares the two lists.

import type { Words } from "../../dom/languages.ts";

export const EN: Words = {
  language: "Language",
  other: "Tiếng Việt",
  loading: "Opening the vote…",
  loadingHint: "The page has sent nothing about you.",
  fetching: "Loading your ballot…",
  codeTitle: "Enter the code on your slip",
  codeLabel: "Your code (17 characters)",
  codeHint:
    "Capital or small letters, with or without dashes. The letter O is read as 0, the letters I and L as 1.",
  codeGo: "Continue",
  wait: "Please wait…",
  CodeWrong:
    "This is not yet a whole code of 17 characters. Compare it with your slip; nothing has been sent.",
  CodeTypo:
    "One character is wrong, or two are swapped. Compare each group with your slip; nothing has been sent.",
  Offline: "The server cannot be reached. Check your connection and try again.",
  OtherTab:
    "This ballot is open in another tab of this browser. Go on there, or close that tab and try again.",
  WrongToken:
    "The ballot paper does not fit the published key, so this page does not use it. Tell the counting" +
    " committee.",
  WrongAnswer:
    "The server sent something that is not in the required form, so this page does not use it. Tell " +
    "the counting committee.",
  WrongReceipt:
    "The receipt does not carry the box's signature. Your ballot is kept on this device; try again, " +
    "and tell the counting committee if it stays so.",
  SealFailed:
    "This device could not encrypt the ballot. Nothing was sent and your marks are still on this " +
    "page. Try again, or use a newer browser.",
  ClosedUnknown:
    "Voting has closed, and this page does not know whether the last attempt reached the box. Try " +
    "again when you are connected: the page will look it up.",
  welcomeTitle: "Your slip is good",
  welcomeUnit: "You vote in the unit: {unit}",
  welcomeCount: "The ballot has {n} leaders. The unit has {voters} voters.",
  welcomeCloses: "Voting is open until {closes}",
  promise: "What is protected",
  promise1:
    "Your marks are encrypted on this device. Nobody, not even the counting committee, opens a single" +
    " ballot: only sums over groups of at least {k} ballots.",
  promise2: "The server stores nothing that links a slip to a ballot.",
  promise3:
    "If a whole group marks the same, the group's result tells how each of them voted. Overviews " +
    "then show a band, the minutes the exact figure.",
  promise4:
    "The system cannot protect you from somebody who watches your screen, or from an infected phone. " +
    "Vote where nobody sees you.",
  tryAgain: "Try again",
  markTitle: "Ballot",
  markHint:
    "Choose one level for each leader. You may leave a row empty: it counts as not marked. Your marks" +
    " are in this page only; if you close it, mark again.",
  clear: "Remove the mark",
  report: "Self-report (PDF)",
  questions: "Questions and answers ({n})",
  late: "Answered after the rule's last day.",
  excluded:
    "This leader was excluded after the polls had opened. The ballot keeps its form, so the row can " +
    "still be marked; nothing follows from its result.",
  photo: "Photo of {name}",
  toReview: "Review",
  reviewTitle: "Review your ballot",
  notMarked: "Not marked",
  reviewAll: "You have marked all {n} leaders.",
  reviewSome: "Not marked: {n}. Your ballot is valid all the same.",
  toMarks: "Change",
  toSeal: "Yes, encrypt and take the paper",
  sealing: "Encrypting the ballot on this device…",
  sealingHint: "Nothing has been sent.",
  sealedTitle: "Encrypted, not yet in the box",
  sealedHint:
    "This is the receipt code of this ballot. Write it down and cast, or have this ballot opened to " +
    "check that the device has recorded your marks.",
  tracker: "Receipt code",
  cast: "Cast the ballot",
  challenge: "Check this ballot",
  challengeHint:
    "A ballot that is checked is laid open and cannot be cast any more. The device then makes a new " +
    "one.",
  back: "Back to the marks",
  openedTitle: "Ballot laid open for checking",
  openedHint:
    "This ballot holds exactly the levels below. Check it on another device, and compare the receipt " +
    "code. There, scan the QR code or give the file to the check page. This ballot cannot be cast " +
    "any more.",
  openedQr: "QR code that opens the check page with this ballot",
  openedFile: "Save the check file",
  openedLink: "Open the check page",
  renew: "Make a new ballot with the same marks",
  castingTitle: "Casting your ballot",
  castingHint:
    "Your encrypted ballot is being sent. Do not close this page. If it closes, scan your slip again " +
    "and the page goes on sending this very ballot.",
  castingTries: "Attempt {n}. The page tries again by itself.",
  now: "Try now",
  doneTitle: "You have voted",
  doneHint: "Your ballot is in the box. There is nothing more to do.",
  doneLooked:
    "A look-up shows that your ballot is in the box. Its signed receipt could not be fetched any " +
    "more because voting has closed.",
  doneNothing: "This code does not tell how you voted.",
  save: "Save the receipt",
  print: "Print the receipt",
  receiptTitle: "Receipt of a ballot",
  receiptSign: "Signature of the box",
  look: "Look up a receipt code",
  change: "Vote again",
  changeHint:
    "Until voting closes a later ballot takes the place of the earlier one; only the last one counts." +
    " The one in the box counts until you cast a new one.",
  leave: "Done, leave this page",
  nextVoter: "Done, wipe everything for the next voter",
  nextSoon: "The page wipes itself in {n} seconds.",
  stoppedTitle: "This cannot go on yet",
  startAgain: "Enter another code",
  keepsNothing:
    "This browser keeps nothing (a private window?). If you close the page after taking your paper, " +
    "it is lost. Use another browser, or keep this page open until you have the receipt.",
  software: "Voting program (SHA-256)",
  manifestHash: "Hash of this vote",
  closed: "By the calendar, voting has ended.",
  timeLeft: "{time} left",
  days: "{n} days",
  hours: "{n} hours",
  minutes: "{n} minutes",
  lookTitle: "Look up a receipt code",
  lookGo: "Look up",
  lookBox: "Yes: this ballot is in the box.",
  lookBoard:
    "Yes: this ballot is on the sealed board, at place {i} of {n}. Your browser has checked the proof" +
    " and the signature itself.",
  lookNowhere:
    "There is no ballot with this code. Compare each character; if the code is right, tell the " +
    "counting committee and show your receipt.",
  lookFalse: "The server says yes, but the proof does not hold ({check}). Tell the counting committee.",
  lookBack: "Back",
  stepOf: "Step {n} of 5",
  step1: "Slip",
  step2: "Mark",
  step3: "Review",
  step4: "Encrypt, cast",
  step5: "Done",
  scan: "Scan with the camera",
  scanInsecure:
    "This page was not opened over https, so it cannot use the camera itself. Scan with the phone's " +
    "own camera app, or type the code.",
  scanTitle: "Scan the QR code on your slip",
  scanHint: "Hold the QR code of your slip before the camera. The picture is sent nowhere.",
  scanBack: "Type the code instead",
  scanNoCamera: "This page cannot use the camera. Allow it, or type the code.",
  scanStrange: "This is no QR code of a slip of this vote. Try again.",
  scanVideo: "Picture of the camera",
  begin: "Begin to mark",
  finishHere:
    "Finish in this very browser. A paper is taken only after your review; before that any device can" +
    " begin anew.",
  notOpenYet: "Voting is not open yet. By the calendar it opens at {opens}. Your slip has not been used.",
  shutAlready: "Voting has closed. No more ballots are taken; receipt codes can still be looked up.",
  pausedForQuorum:
    "Your unit has no quorum yet, so no papers are given out. Your slip has not been used. Try again " +
    "when enough people are present.",
  papersNotYet: "No papers are given out yet. Your slip has not been used. Try again later.",
  papersNoLonger: "Your unit gives out no more papers. If this seems wrong, tell the organizers.",
  papersAllGiven:
    "As many papers are given out as people are present. If you are present and have none, tell the " +
    "organizers.",
  TakenElsewhere:
    "This slip has taken its paper. That was on another device, in another browser, or here and the " +
    "browser has lost it since. Nobody can take a second one. If you saw the final receipt code, " +
    "your ballot is in the box. If not, open your slip on the device and browser that you used. If " +
    "it is gone, or it was not you, tell the organizers at once.",
  Unforeseen:
    "Something unforeseen went wrong on this page. What is encrypted is kept on this device. Try " +
    "again; if it stays so, reload the page and scan your slip again.",
  inside:
    "This page is open inside {app}. What it keeps may vanish when it is closed, and with it a paper " +
    "that you have taken. Better open it in Chrome or Safari.",
  insideLink: "Link to open in Chrome or Safari",
  insideThen: "There, scan or type the code of your slip again.",
  openOutside: "Open in the device's browser",
  copy: "Copy the link",
  copied: "Copied.",
  copyByHand: "The browser does not let us copy. Select the text and copy it by hand.",
  whoSees: "Who sees the results",
  "sees-subject": "Leaders see their own results; the competent authority sees all of them.",
  "sees-heads": "Leaders, the heads of units and the competent authority see the results.",
  "sees-unit": "Leaders, the members of the unit and the competent authority see the results.",
  "sees-public": "Everybody can see the results.",
  group: "Your group has {voters} voters. No sum of fewer than {k} ballots is ever opened.",
  criteria: "What leaders are judged on",
  criterion1: "Party spirit",
  criterion2: "Exemplary",
  criterion3: "Dares to act",
  criterion4: "Dares to take responsibility",
  criterion5: "Words match actions",
  criterion6: "Party leadership capacity",
  criterion7: "Professional management capacity",
  criterion8: "Solidarity, criticism and self-criticism",
  reportComing: "The report is being loaded…",
  toRow: "Back to this row",
  earlierCounts: "Your earlier ballot is in the box, and counts until you cast a new one.",
  keepEarlier: "Keep the earlier ballot",
  sealHint:
    "Next the ballot is encrypted on this device and your paper is taken. You then see the receipt " +
    "code before you cast.",
  askingTitle: "Taking your paper",
  askingHint:
    "Your encrypted ballot is on this device. Only the request for a paper is sent, without your marks.",
  resumedHint:
    "You had encrypted this ballot before you were interrupted. The page keeps no marks, so it cannot" +
    " show them. Cast this ballot, or mark anew.",
  markAnew: "Mark anew from the beginning",
  copyReceipt: "Copy the receipt",
  receiptPage: "Check a saved receipt",
  savedHint: "The file was given to the browser. Look among your downloads.",
  savedInside: "This app may not be able to save files. Copy the receipt, or take a picture of the screen.",
  printedHint: "If nothing was printed, save or copy the receipt.",
  receiptVote: "Vote",
  receiptWhere: "Look it up at",
  receiptText: "Content of the QR code",
  receiptQr: "QR code of the receipt",
  receiptHint:
    "This proves that the box took your ballot. If it is not on the board later, show this to the " +
    "counting committee.",
  ownBoard:
    "Looked up: your ballot is on the sealed board, at place {i} of {n}. Your browser has checked the" +
    " proof itself.",
  ownMissing:
    "Looked up: your ballot is NOT on the sealed board. Unless you voted again elsewhere, save this " +
    "receipt and give it to the counting committee at once.",
  ownOffline:
    "Your ballot could not be looked up on the sealed board: there is no connection. The page tries again.",
  ownLater:
    "Once the box is sealed, open your slip on this device again. The page then looks your ballot up " +
    "by itself.",
  lookMissing:
    "There is no ballot with this code on the sealed board of {n}; your browser has checked it. If " +
    "the code is right and you did not vote again, show your receipt to the counting committee.",
  TrackerTypo: "One character is wrong, or two are swapped. Compare it with your receipt.",
  TrackerWrong:
    "This is not yet a whole receipt code of 17 characters. Compare it with your receipt, not with " +
    "your slip.",
  lookHint:
    "The code of 17 characters on your receipt. It is not sent: the page loads a list and looks for itself.",
  experts: "For experts",
};
