namespace AuthKeep
{
    /// <summary>How much a message of <see cref="Client.Log"/> matters.</summary>
    public enum LogLevel
    {
        /// <summary>Something failed, or isn't as a server says.</summary>
        Warning = 1,

        /// <summary>A token was issued or dropped, or failures were forgotten.</summary>
        Info = 2,

        /// <summary>Each token request and each API request.</summary>
        Debug = 3
    }
}
