# The service as an image: `docker compose up` (compose.yml, docs/running.md). It holds no secret and no shop; models are built
# at the first start, under /app/var.
FROM python:3.11-slim

# onnxruntime and torch share threads by it
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 10001 streamdesk
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1
WORKDIR /app

# torch comes first, as in the Makefile
COPY constraints.txt ./
RUN pip install -c constraints.txt "torch==2.13.0"
COPY . .
RUN pip install -c constraints.txt -e ".[llm,telegram,slack,postgres,redis]" && install -d -o streamdesk -g streamdesk var

USER streamdesk
VOLUME /app/var
ENV STREAMDESK_CHANNELS__WEB__HOST=0.0.0.0
EXPOSE 8000
# the first start builds models: that takes minutes
HEALTHCHECK --interval=10s --timeout=5s --start-period=10m --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
ENTRYPOINT ["streamdesk"]
CMD ["serve"]
