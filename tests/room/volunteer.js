// Somebody who sits at the page and reads aloud: what the microphone hears is what `soundOf` gives for the sentence that
// is shown, as soon as the page records. Everything from the stream on is the page's own.
() => {
  const QUIET = 0.0003, BEFORE = 350, AFTER = 450;
  let context, out;

  async function samples(said) {
    const bytes = Uint8Array.from(atob(said.pcm), letter => letter.charCodeAt(0));
    const whole = new Int16Array(bytes.buffer);
    const buffer = context.createBuffer(1, whole.length, said.rate);
    buffer.copyToChannel(Float32Array.from(whole, sample => sample / 32768), 0);
    return buffer;
  }

  function room() {
    const hiss = context.createBuffer(1, context.sampleRate, context.sampleRate);
    hiss.getChannelData(0).forEach((_, at, all) => { all[at] = QUIET * (2 * Math.random() - 1); });
    const source = new AudioBufferSourceNode(context, { buffer: hiss, loop: true });
    source.connect(out);
    source.start();
  }

  const wait = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

  async function speak() {
    const card = document.querySelector(".card");
    const said = await window.soundOf(card.dataset.sentence ?? "", card.querySelector("h1").textContent);
    window.begun = (window.begun ?? 0) + 1;
    if (!said) return;
    await wait(BEFORE);
    const source = new AudioBufferSourceNode(context, { buffer: await samples(said) });
    source.connect(out);
    const over = new Promise(resolve => { source.onended = resolve; });
    source.start();
    await over;
    await wait(AFTER);
    if (said.stops) document.querySelector(".stop").click();
  }

  navigator.mediaDevices.getUserMedia = async wanted => {
    window.wanted = wanted;
    context ??= new AudioContext();
    await context.resume();
    out = context.createMediaStreamDestination();
    room();
    return out.stream;
  };
  new MutationObserver(seen => {
    if (seen.some(({ target }) => target.dataset.state === "recording")) speak();
  }).observe(document, { subtree: true, attributeFilter: ["data-state"] });
}
