using System;
using System.Text;

namespace AuthKeep
{
    /// <summary>The character set that a Content-Type names (RFC 9110, section 8.3).</summary>
    internal static class Charset
    {
        private const string Parameter = "charset=";

        /// <summary>UTF-8 where it names none, or one that this runtime doesn't know.</summary>
        internal static Encoding Of(string contentType)
        {
            string name = NameIn(contentType);
            if (name == null)
            {
                return Encoding.UTF8;
            }
            try
            {
                return Encoding.GetEncoding(name);
            }
            catch (ArgumentException)
            {
                return Encoding.UTF8;
            }
            catch (NotSupportedException)
            {
                return Encoding.UTF8;
            }
        }

        /// <summary>The name as it is written there, or null.</summary>
        internal static string NameIn(string contentType)
        {
            if (contentType == null)
            {
                return null;
            }
            foreach (string part in contentType.Split(';'))
            {
                string parameter = part.Trim();
                if (parameter.StartsWith(Parameter, StringComparison.OrdinalIgnoreCase))
                {
                    return parameter.Substring(Parameter.Length).Trim(' ', '"', '\'');
                }
            }
            return null;
        }
    }
}
