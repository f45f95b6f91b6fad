// Remembers in this browser which microphone the trainee chose, for the check and the room.

const KEY = "microphone";

/** `storage` is localStorage or undefined. Null means the system's own choice. */
export function chosenMicrophone(storage) {
  try {
    return storage.getItem(KEY) || null;
  } catch {
    return null;
  }
}

/** Remember `deviceId`; false if the browser stores nothing. */
export function chooseMicrophone(storage, deviceId) {
  try {
    storage.setItem(KEY, deviceId);
    return true;
  } catch {
    return false;
  }
}
