import { describe, expect, test } from 'vitest'
import { describeBody, htmlTitle, plainText } from '../../../src/networks/plain-text.ts'

describe('the words of a network for people', () => {
  test.each([
    [
      'tags go',
      'exceeded your <a href="/youtube/v3/getting-started#quota">quota</a>.',
      'exceeded your quota.',
    ],
    [
      'a known tag goes in any case and form',
      'One<BR/>two<br>three <CODE >four</CODE>',
      'One two three four',
    ],
    [
      'what is no tag stays',
      'Requests from referer <empty> are blocked.',
      'Requests from referer <empty> are blocked.',
    ],
    [
      'a name that begins as a tag does stays',
      'the field <business_discovery> of <id>',
      'the field <business_discovery> of <id>',
    ],
    ['less and greater stay', '1 < 2 and 3 > 2', '1 < 2 and 3 > 2'],
    [
      'entities are decoded after the tags',
      '&lt;b&gt; &amp;amp; &#39;x&#x27; &unknown;',
      "<b> &amp; 'x' &unknown;",
    ],
    ['an entity beyond Unicode stays', '&#9999999;', '&#9999999;'],
    ['space is collapsed', '  a\n\tb\u0000\u001B[31m  c ', 'a b [31m c'],
    ['scripts are no words', 'a<script>let b = "<p>"</script>c<!-- d -->', 'a c'],
    ['nothing stays nothing', '', ''],
  ])('%s', (_, text, plain) => {
    expect(plainText(text)).toBe(plain)
  })

  test.each([
    ['a text that fits is left alone', 'one two three', 13, 'one two three'],
    ['it is cut at a word', 'one two three', 12, 'one two…'],
    ['a word that just fits stays', 'one two three', 8, 'one two…'],
    ['a long word is cut', 'abcdefghijklmnop', 10, 'abcdefghi…'],
    [
      'a long word at the end is cut too',
      'at https://example.org/a/very/long/address',
      20,
      'at https://example.…',
    ],
    ['a character of two halves is never halved', '😀😀😀😀', 3, '😀😀…'],
  ])('%s', (_, text, most, plain) => {
    expect(plainText(text, most)).toBe(plain)
  })
})

const FORBIDDEN_PAGE = `<!DOCTYPE html>
<html lang=en>
  <meta charset=utf-8>
  <title>Error 403 (Forbidden)!!1</title>
  <style>* { margin: 0 }</style>
  <p><b>403.</b> <ins>That’s an error.</ins>
  <p>Your client does not have permission to get URL <code>/youtube/v3/channels</code> from this server.`

describe('a body that is no answer of the API', () => {
  test('a page is told by its title', () => {
    expect(htmlTitle(FORBIDDEN_PAGE)).toBe('Error 403 (Forbidden)!!1')
    expect(describeBody(FORBIDDEN_PAGE)).toBe('an HTML page: Error 403 (Forbidden)!!1')
  })

  test('one without a title by its headline, one without either as a page', () => {
    expect(describeBody('<html><body><h1>502 Bad &amp; Gateway</h1></body></html>')).toBe(
      'an HTML page: 502 Bad & Gateway',
    )
    expect(describeBody('<!-- proxy -->\n<html><title></title><body>Sign in</body></html>')).toBe(
      'an HTML page',
    )
  })

  test('anything else by its words', () => {
    expect(htmlTitle('upstream connect error')).toBeNull()
    expect(describeBody('upstream connect error or\ndisconnect/reset', 24)).toBe('upstream connect error…')
    expect(describeBody('')).toBe('')
  })
})
