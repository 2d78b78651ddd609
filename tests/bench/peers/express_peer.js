// Express, with the vendor's library and its middleware that verifies the signature. Run: node express_peer.js PORT
"use strict";

const express = require("express");
const twilio = require("twilio");

const app = express();
app.set("trust proxy", "loopback");
app.use(express.urlencoded({ extended: false }));

app.post(/^\/voice(\/.*)?$/, twilio.webhook(process.env.TWILIO_AUTH_TOKEN, { protocol: "https" }), (request, response) => {
  const answer = new twilio.twiml.VoiceResponse();
  const gather = answer.gather({ action: "/voice/menu", input: "dtmf", numDigits: 1 });
  gather.say({ language: "en-GB" }, `You pressed ${request.body.Digits || "nothing"}. Press a number, or wait.`);
  answer.hangup();
  response.type("text/xml").send(answer.toString());
});

app.listen(Number(process.argv[2]), "127.0.0.1");
