using System;

namespace AuthKeep
{
    /// <summary>
    /// Where a credential comes from and how it is used: data, in layers of which the last one
    /// counts. Each method returns the config. A secret that was set can't be read back.
    /// </summary>
    /// <remarks>
    /// A secret that is to be read when it is needed has a key of its own:
    /// <c>Set("client_secret.env", "SHOP_SECRET")</c> names an environment variable,
    /// <c>Set("client_secret.file", path)</c> a file. Environment variables that managed code has
    /// set count too, as they are when the config is made. Clients made from a config live on
    /// without it.
    /// </remarks>
    public sealed class Config : IDisposable
    {
        private readonly ConfigHandle handle;
        // A native config is for one thread at a time.
        private readonly object gate = new object();
        private string profile;

        /// <summary>An empty config: all defaults.</summary>
        /// <exception cref="DllNotFoundException">There is no native library; the message says where
        /// it was looked for.</exception>
        public Config()
        {
            Library.Load();
            handle = ConfigHandle.New();
            HostEnvironment.HandOver(handle);
        }

        /// <summary>Sets one key to a literal value; keys inside others are dotted
        /// (<c>timeouts.total_ms</c>).</summary>
        /// <exception cref="AuthKeepException">An unknown key, or a value that it doesn't take; then
        /// the config is as it was.</exception>
        public Config Set(string key, string value)
        {
            byte[] nativeKey = Utf8.Encode(key, "key");
            byte[] nativeValue = Utf8.Encode(value, "value");
            IntPtr error;
            lock (gate)
            {
                AuthKeepException.ThrowIfFailed(
                    Native.authkeep_config_set(handle, nativeKey, nativeValue, out error), error);
            }
            return this;
        }

        /// <summary>Hands over an environment variable that goes before the process's own: for the
        /// references of this config, and for where a profile that is loaded after this is looked
        /// for. Those that managed code has set before the config was made need no handing over.</summary>
        /// <exception cref="AuthKeepException">The name is empty or has a "=".</exception>
        public Config SetEnv(string name, string value)
        {
            byte[] nativeName = Utf8.Encode(name, "name");
            byte[] nativeValue = Utf8.Encode(value, "value");
            IntPtr error;
            lock (gate)
            {
                AuthKeepException.ThrowIfFailed(
                    Native.authkeep_config_set_env(handle, nativeName, nativeValue, out error), error);
            }
            return this;
        }

        /// <summary>Merges a JSON object of keys into the config, deeply; null deletes.</summary>
        /// <exception cref="AuthKeepException">What is not JSON, an unknown key, or a value that its key
        /// doesn't take; then the config is as it was.</exception>
        public Config MergeJson(string json)
        {
            byte[] nativeJson = Utf8.Encode(json, "json");
            IntPtr error;
            lock (gate)
            {
                AuthKeepException.ThrowIfFailed(
                    Native.authkeep_config_merge_json(handle, nativeJson, out error), error);
            }
            return this;
        }

        /// <summary>Loads a profile below the keys set here, in the place of one loaded before.
        /// Reads a file.</summary>
        /// <param name="profile">The profile.</param>
        /// <param name="path">A profiles file, or null for the user's own.</param>
        /// <param name="allowReferences">Permits secrets in a file at <paramref name="path"/> to refer to
        /// environment variables, files and commands; those in the user's own file always may.</param>
        /// <exception cref="AuthKeepException">A file or profile that is missing or wrong, or a reference
        /// without permission; then the config is as it was.</exception>
        public Config LoadProfile(string profile, string path = null, bool allowReferences = false)
        {
            byte[] nativeProfile = Utf8.Encode(profile, "profile");
            byte[] nativePath = Utf8.EncodeOptional(path, "path");
            IntPtr error;
            lock (gate)
            {
                AuthKeepException.ThrowIfFailed(
                    Native.authkeep_config_load_profile(
                        handle, nativeProfile, nativePath, allowReferences ? 1 : 0, out error),
                    error);
                this.profile = profile;
            }
            return this;
        }

        /// <summary>Gives the native config back. Clients made from it live on.</summary>
        public void Dispose()
        {
            handle.Dispose();
        }

        internal ClientHandle NewClient(out string profile)
        {
            ClientHandle client;
            IntPtr error;
            lock (gate)
            {
                profile = this.profile;
                AuthKeepException.ThrowIfFailed(
                    Native.authkeep_client_new(handle, out client, out error), error);
            }
            return client;
        }
    }
}
