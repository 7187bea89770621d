namespace AuthKeep
{
    /// <summary>A key that a user of a provider must give.</summary>
    public sealed class Need
    {
        internal Need(string key, string grant, string place)
        {
            Key = key;
            Grant = grant;
            Place = place;
        }

        /// <summary>The configuration key, such as <c>client_id</c>.</summary>
        public string Key { get; private set; }

        /// <summary>The grant that needs it, such as <c>password</c>; null if every one does.</summary>
        public string Grant { get; private set; }

        /// <summary>Where it is found, in the words of the vendor's console.</summary>
        public string Place { get; private set; }

        /// <summary>The key, and the grant that needs it.</summary>
        public override string ToString()
        {
            return Grant == null ? Key : Key + " (" + Grant + ")";
        }
    }
}
