using System;

namespace AuthKeep
{
    /// <summary>A message of <see cref="Client.Log"/>.</summary>
    public sealed class LogEventArgs : EventArgs
    {
        private readonly LogLevel level;
        private readonly string message;

        internal LogEventArgs(LogLevel level, string message)
        {
            this.level = level;
            this.message = message;
        }

        /// <summary>How much it matters.</summary>
        public LogLevel Level
        {
            get { return level; }
        }

        /// <summary>One line, without a secret, that begins with the name of the client.</summary>
        public string Message
        {
            get { return message; }
        }

        /// <summary>The level and the message.</summary>
        public override string ToString()
        {
            return level + ": " + message;
        }
    }
}
