// Texts that the browser keeps for this site, by name. The first page of the course reads the same.
({
  database: null,

  settled(request) {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  },

  async store(mode) {
    if (!this.database) {
      const opening = indexedDB.open("asynclab", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("texts");
      this.database = await this.settled(opening);
    }
    return this.database.transaction("texts", mode).objectStore("texts");
  },

  async read(name) {
    return (await this.settled((await this.store("readonly")).get(name))) ?? "";
  },

  async write(name, text) {
    await this.settled((await this.store("readwrite")).put(text, name));
  },
})
