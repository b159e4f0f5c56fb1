/**
 * Invisible characters that are drawn where they stand: the joiner within an emoji such as 👩‍💻, the non-joiner that
 * Persian spells words with, and the tags of the three flags that are made of them (Unicode, UTS #51, ED-14a and 16).
 * Everywhere else they are what hides text from people.
 */
export const DRAWN_INVISIBLE = [
  String.raw`(?<=\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]?)\u200D(?=\p{Extended_Pictographic})`,
  String.raw`(?<=\p{Script=Arabic})\u200C(?=\p{Script=Arabic})`,
  String.raw`(?<=\u{1F3F4})\u{E0067}\u{E0062}(?:\u{E0065}\u{E006E}\u{E0067}|\u{E0073}\u{E0063}\u{E0074}|\u{E0077}\u{E006C}\u{E0073})\u{E007F}`,
].join('|');
