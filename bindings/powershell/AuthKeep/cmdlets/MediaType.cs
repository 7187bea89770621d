using System;
using System.Text;

namespace AuthKeep.PowerShell
{
    /// <summary>What a Content-Type says.</summary>
    internal static class MediaType
    {
        internal const string Json = "application/json";
        internal const string Form = "application/x-www-form-urlencoded";

        /// <summary>Whether it is JSON, such as "application/problem+json; charset=utf-8".</summary>
        internal static bool IsJson(string contentType)
        {
            string name = Name(contentType);
            return name == Json || name == "text/json" || name.EndsWith("+json", StringComparison.Ordinal);
        }

        /// <summary>Whether it is a form.</summary>
        internal static bool IsForm(string contentType)
        {
            return Name(contentType) == Form;
        }

        /// <summary>The bytes of a text in the character set that is named, else in UTF-8.</summary>
        /// <exception cref="ArgumentException">There is no such character set.</exception>
        internal static byte[] Encode(string text, string contentType)
        {
            string charset = Charset(contentType);
            Encoding encoding = charset == null ? new UTF8Encoding(false) : Encoding.GetEncoding(charset);
            return encoding.GetBytes(text);
        }

        private static string Name(string contentType)
        {
            return (contentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
        }

        private static string Charset(string contentType)
        {
            foreach (string parameter in (contentType ?? "").Split(';'))
            {
                string[] sides = parameter.Split(new[] { '=' }, 2);
                if (sides.Length == 2 && sides[0].Trim().Equals("charset", StringComparison.OrdinalIgnoreCase))
                {
                    return sides[1].Trim().Trim('"');
                }
            }
            return null;
        }
    }
}
