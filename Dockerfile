FROM python:3.11-slim

# Further packages, such as [cluster,postgres] for several servers.
ARG EXTRAS=""
RUN useradd --create-home --uid 1000 app
WORKDIR /home/app/gatesviz
COPY . .
RUN pip install --no-cache-dir --no-deps -c constraints.txt \
        --extra-index-url https://download.pytorch.org/whl/cpu torch \
    && pip install --no-cache-dir -c constraints.txt ".${EXTRAS}"

USER app
ENV OMP_NUM_THREADS=1
EXPOSE 8501
HEALTHCHECK --start-period=20s CMD ["python", "-c", \
    "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=3)"]
CMD ["gatesviz", "--address", "0.0.0.0"]
