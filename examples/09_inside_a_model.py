"""Record the layers inside a model: the encoder once, the decoder's cell at each step."""

import torch

import gatesviz as gv


class Translator(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(20, 8)
        self.encoder = torch.nn.LSTM(8, 16, batch_first=True)
        self.decoder = torch.nn.LSTMCell(8, 16)
        self.readout = torch.nn.Linear(16, 20)

    def forward(self, tokens):
        _, (h, c) = self.encoder(self.embedding(tokens))
        h, c, word = h[0], c[0], tokens[:, -1]
        for _ in range(6):
            h, c = self.decoder(self.embedding(word), (h, c))
            word = self.readout(h).argmax(-1)
        return word


model = Translator()
with gv.record_inside(model) as recordings:
    model(torch.randint(20, (4, 9)))  # 4 sentences of 9 tokens

print(recordings)
print("encoder:", recordings["encoder"][0])
f = [step.trace().gates["f"][0].mean().round(3) for step in recordings["decoder"]]
print("decoder's mean forget gate, step by step:", *f)
