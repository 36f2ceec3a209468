// Renders MFM as elements, never as HTML: whatever a note says stays text.

import { type FunctionalComponent, h, type VNodeChild } from 'vue';
import * as mfm from 'mfm-js';
import { emojiUrl } from '../store/emojis';
import { ownUrl, safeLink } from './urls';

/** Deeper nesting is shown as the text it is. */
const NEST_MAX = 12;
/** Longer texts are not parsed: the parser's work grows faster than they do. */
const PARSED_CHARS_MAX = 10_000;
const SIZES: Record<string, string> = { x2: 'mfm-x2', x3: 'mfm-x3', x4: 'mfm-x4' };
const MOTIONS = new Set(['tada', 'jelly', 'twitch', 'shake', 'spin', 'jump', 'bounce', 'rainbow']);

interface Props {
  text: string;
  /** Names have emoji and nothing else. */
  simple?: boolean;
  /** The server of who wrote it, `null` for this one, whose emojis are known. */
  host?: string | null;
  /** Where each custom emoji of another server is. */
  emojis?: Record<string, string>;
}

/** Where the emoji of a name is; `null` where that is not on this server. */
type Pictures = (name: string) => string | null;

export const Mfm: FunctionalComponent<Props> = ({ text, simple, host, emojis }) => {
  if (text.length > PARSED_CHARS_MAX) return text;
  const tree = simple ? mfm.parseSimple(text) : mfm.parse(text, { nestLimit: NEST_MAX });
  const pictures = host ? among(emojis ?? {}) : emojiUrl;
  return tree.map((node) => render(node, pictures));
};
Mfm.props = ['text', 'simple', 'host', 'emojis'];

function render(node: mfm.MfmNode, pictures: Pictures): VNodeChild {
  const inner = () => (node.children ?? []).map((child) => render(child, pictures));
  switch (node.type) {
    case 'text': return node.props.text;
    case 'unicodeEmoji': return h('span', { class: 'emoji' }, node.props.emoji);
    case 'emojiCode': return customEmoji(node.props.name, pictures(node.props.name));
    case 'bold': return h('strong', inner());
    case 'italic': return h('em', inner());
    case 'strike': return h('s', inner());
    case 'small': return h('small', inner());
    case 'quote': return h('blockquote', inner());
    case 'center': return h('div', { class: 'mfm-center' }, inner());
    case 'plain': return h('span', inner());
    case 'inlineCode': return h('code', node.props.code);
    case 'blockCode': return h('pre', { tabindex: 0 }, h('code', node.props.code));
    case 'mathInline': return h('code', node.props.formula);
    case 'mathBlock': return h('pre', { tabindex: 0 }, h('code', node.props.formula));
    case 'search': return node.props.content;
    case 'mention': return h('bdi', { class: 'mention' }, node.props.acct);
    case 'hashtag': return h('bdi', { class: 'hashtag' }, `#${node.props.hashtag}`);
    case 'url': return link(node.props.url, [node.props.url]);
    case 'link': return link(node.props.url, inner());
    case 'fn': return h('span', { class: fnClass(node.props.name) }, inner());
  }
}

function link(url: string, children: VNodeChild[]): VNodeChild {
  const href = safeLink(url);
  if (!href) return h('span', children);
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow ugc' }, children);
}

/** The pictures of emojis that a note or a user names. */
export function among(emojis: Record<string, string>): Pictures {
  return (name) => (Object.hasOwn(emojis, name) ? ownUrl(emojis[name]) : null);
}

/** An emoji of this server is a picture; one of elsewhere is its name, since nothing leaves here. */
export function customEmoji(name: string, src: string | null): VNodeChild {
  const label = `:${name}:`;
  if (!src) return h('bdi', { class: 'emoji-name' }, label);
  return h('img', { class: 'emoji-image', src, alt: label, title: label, loading: 'lazy' });
}

function fnClass(name: string): string {
  if (Object.hasOwn(SIZES, name)) return SIZES[name] ?? '';
  if (name === 'blur') return 'mfm-blur';
  return MOTIONS.has(name) ? `mfm-motion mfm-${name}` : 'mfm-fn';
}
