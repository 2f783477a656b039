"""A consumer who has never heard of Lethe: loads a pulled folder with transformers, predicts all
test images of Fashion-MNIST, and compares the counts of every class with the certificate's."""

import base64
import gzip
import json
import pathlib
import sys

import numpy
import torch
from transformers import AutoModelForImageClassification


def images_and_labels(folder):
    images = gzip.open(folder / "t10k-images-idx3-ubyte.gz").read()[16:]
    labels = gzip.open(folder / "t10k-labels-idx1-ubyte.gz").read()[8:]
    pixels = numpy.frombuffer(images, numpy.uint8).reshape(-1, 1, 28, 28)
    return torch.from_numpy(pixels.copy()), numpy.frombuffer(labels, numpy.uint8)


def main():
    pulled, data = map(pathlib.Path, sys.argv[1:])
    model = AutoModelForImageClassification.from_pretrained(pulled).eval()
    settings = json.loads((pulled / "preprocessor_config.json").read_text())
    mean, deviation = settings["image_mean"][0], settings["image_std"][0]
    pixels, labels = images_and_labels(data)
    predictions = []
    with torch.no_grad():
        for batch in pixels.split(500):
            inputs = (batch.float() * settings["rescale_factor"] - mean) / deviation
            predictions.append(model(pixel_values=inputs).logits.argmax(-1))
    correct = torch.cat(predictions).numpy() == labels

    envelope = json.loads((pulled / "lethe-certificate.json").read_text())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    worst = 0
    print("class  name           transformers  certificate")
    for figure in statement["predicate"]["report"]["classes"]:
        label = figure["label"]
        count = int(correct[labels == label].sum())
        worst = max(worst, abs(count - figure["correctCount"]))
        print(f"{label:5}  {model.config.id2label[label]:13}  {count:12}  {figure['correctCount']:11}")
    if worst > 1:
        sys.exit(f"transformers and the certificate differ by {worst} images in a class")
    print(f"The same predictions: no class differs by more than {worst} of 1,000 images.")


main()
